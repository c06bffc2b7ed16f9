"""Which orgs were governed, and how completely their inventory was read."""

from apps.crm.models import Connection, Snapshot
from apps.crm.selectors import latest_snapshots
from apps.evidence.pack.content import Checked, Finding, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.results import worst

MOST_ROWS = 200


def write(brief: Brief) -> Section:
    """One row an org; an inventory that is missing or incomplete is unknown, never good."""
    say = brief.say
    orgs = list(Connection.objects.select_related("zone").order_by("name")[:MOST_ROWS])
    newest = latest_snapshots(orgs)
    checked = tuple(_checked(brief, org, newest.get(org.pk)) for org in orgs)
    findings = tuple(_findings(brief, org, newest.get(org.pk)) for org in orgs)
    exceptions = tuple(finding for group in findings for finding in group)
    healthy = sum(org.state == Connection.State.HEALTHY for org in orgs)
    return Section(
        heading=say("orgs.heading"),
        summary=say("orgs.summary", orgs=say.counted(len(orgs), "org"), healthy=healthy),
        result=worst([*(c.result for c in checked), *(f.result for f in exceptions)]),
        exceptions=exceptions,
        checked=checked,
        tables=(
            Table(
                caption=say("orgs.caption"),
                columns=brief.columns("orgs.columns"),
                rows=tuple(_row(brief, org, newest.get(org.pk)) for org in orgs),
            ),
        ),
    )


def _row(brief: Brief, org: Connection, snapshot: Snapshot | None) -> tuple[str, ...]:
    say = brief.say
    read = brief.moment(snapshot.finished_at or snapshot.taken_at) if snapshot else None
    return (
        org.name,
        f"{org.zone.name} ({', '.join(org.zone.jurisdictions)})",
        org.org_id or say("common.not_known"),
        say.choice("connection", org.state, org.get_state_display()),
        read or say("common.never"),
    )


def _checked(brief: Brief, org: Connection, snapshot: Snapshot | None) -> Checked:
    complete = snapshot is not None and snapshot.state == Snapshot.State.COMPLETE
    return Checked(
        what=brief.say("orgs.check", org=org.name),
        by=brief.say("by.crm"),
        result="good" if complete else "unknown",
        note=_counts(brief, snapshot) if snapshot else brief.say("orgs.never_read"),
    )


def _counts(brief: Brief, snapshot: Snapshot) -> str:
    state = brief.say.choice("snapshot", snapshot.state, snapshot.get_state_display())
    read = (f"{source['source']} {source['read']}" for source in snapshot.sources)
    return f"{state}: {', '.join(read)}"[:400]


def _findings(brief: Brief, org: Connection, snapshot: Snapshot | None) -> tuple[Finding, ...]:
    say = brief.say
    found = []
    if org.state == Connection.State.FAILING:
        what = say("orgs.failing", org=org.name)
        found.append(Finding(what=what, result="attention", detail=org.last_error))
    if snapshot is not None and snapshot.state == Snapshot.State.INCOMPLETE:
        short = ", ".join(s["source"] for s in snapshot.sources if s["state"] != "complete")
        what = say("orgs.incomplete", org=org.name)
        detail = say("orgs.short", sources=short)
        found.append(Finding(what=what, result="unknown", detail=detail))
    return tuple(found)
