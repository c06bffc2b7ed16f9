"""Which orgs were governed, and how completely their inventory was read."""

from apps.crm.models import Connection, Snapshot
from apps.crm.selectors import latest_snapshots
from apps.evidence.pack.content import Checked, Finding, Section, Table
from apps.evidence.sections.results import worst
from apps.evidence.sections.window import Window, day_and_time
from apps.evidence.sections.words import counted

MOST_ROWS = 200


def write(window: Window) -> Section:
    """One row an org; an inventory that is missing or incomplete is unknown, never good."""
    orgs = list(Connection.objects.select_related("zone").order_by("name")[:MOST_ROWS])
    newest = latest_snapshots(orgs)
    checked = tuple(_checked(org, newest.get(org.pk)) for org in orgs)
    findings = tuple(_findings(org, newest.get(org.pk)) for org in orgs)
    exceptions = tuple(finding for group in findings for finding in group)
    healthy = sum(org.state == Connection.State.HEALTHY for org in orgs)
    return Section(
        heading="Connected orgs and their inventory",
        summary=(
            f"{counted(len(orgs), 'Salesforce org')}; {healthy} answered when last asked. "
            "An inventory counts as complete only when every source was read in full."
        ),
        result=worst([*(c.result for c in checked), *(f.result for f in exceptions)]),
        exceptions=exceptions,
        checked=checked,
        tables=(
            Table(
                caption="Orgs",
                columns=("Org", "Zone", "Salesforce org id", "State", "Inventory read"),
                rows=tuple(
                    (
                        org.name,
                        f"{org.zone.name} ({', '.join(org.zone.jurisdictions)})",
                        org.org_id or "not known",
                        org.get_state_display(),
                        _read_when(newest.get(org.pk)),
                    )
                    for org in orgs
                ),
            ),
        ),
    )


def _checked(org: Connection, snapshot: Snapshot | None) -> Checked:
    complete = snapshot is not None and snapshot.state == Snapshot.State.COMPLETE
    return Checked(
        what=f"Inventory of {org.name}: apps, tokens, accounts, permission sets",
        by="crm service",
        result="good" if complete else "unknown",
        note=_counts(snapshot) if snapshot else "never read",
    )


def _counts(snapshot: Snapshot) -> str:
    read = (f"{source['source']} {source['read']}" for source in snapshot.sources)
    return f"{snapshot.get_state_display()}: {', '.join(read)}"[:400]


def _findings(org: Connection, snapshot: Snapshot | None) -> tuple[Finding, ...]:
    found = []
    if org.state == Connection.State.FAILING:
        found.append(
            Finding(what=f"{org.name} does not answer", result="attention", detail=org.last_error)
        )
    if snapshot is not None and snapshot.state == Snapshot.State.INCOMPLETE:
        short = ", ".join(s["source"] for s in snapshot.sources if s["state"] != "complete")
        found.append(
            Finding(
                what=f"The inventory of {org.name} is incomplete",
                result="unknown",
                detail=f"Not read in full: {short}",
            )
        )
    return tuple(found)


def _read_when(snapshot: Snapshot | None) -> str:
    return day_and_time(snapshot.finished_at or snapshot.taken_at) if snapshot else "never"
