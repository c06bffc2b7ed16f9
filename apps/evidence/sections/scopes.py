"""Which apps can reach the orgs: scopes approved beside scopes granted, and who approved them."""

from apps.crm.models import Connection
from apps.evidence.pack.content import Checked, Finding, Result, Section, Table
from apps.evidence.sections.results import worst
from apps.evidence.sections.window import Window, day_and_time
from apps.evidence.sections.words import counted
from apps.posture.comparison import DEVIATES, MATCHES, NO_BASELINE, UNKNOWN, Comparison
from apps.posture.selectors import compare_orgs

MOST_ROWS = 400
RESULTS: dict[str, Result] = {
    DEVIATES: "danger",
    UNKNOWN: "unknown",
    NO_BASELINE: "attention",
    MATCHES: "good",
}
Row = tuple[Connection, Comparison]


def write(window: Window) -> Section:
    """One row an app. Scopes that the org does not tell are unknown, never unused."""
    rows = _compare_all()
    exceptions = tuple(_finding(row) for row in rows if row[1].standing in {DEVIATES, UNKNOWN})
    checked = tuple(_checked(org) for org in {row[0].pk: row[0] for row in rows}.values())
    counts = {standing: sum(row[1].standing == standing for row in rows) for standing in RESULTS}
    return Section(
        heading="Scopes of connected apps",
        summary=(
            f"{counted(len(rows), 'app')} with access. {counts[MATCHES]} with what was approved, "
            f"{counts[DEVIATES]} with something else, {counts[NO_BASELINE]} never approved, and of "
            f"{counts[UNKNOWN]} the org does not tell the scopes."
        ),
        result=worst(RESULTS[row[1].standing] for row in rows),
        exceptions=exceptions[:MOST_ROWS],
        checked=checked,
        tables=(_table(rows),),
    )


def _compare_all() -> list[Row]:
    compared = compare_orgs(Connection.objects.order_by("name"))
    return [(org, each) for org, found in compared for each in found or []]


def _finding(row: Row) -> Finding:
    org, each = row
    return Finding(
        what=f"{each.app.label} on {org.name}", result=RESULTS[each.standing], detail=each.words
    )


def _checked(org: Connection) -> Checked:
    return Checked(
        what=f"Every app of {org.name}: approved scopes against granted scopes",
        by="posture service",
        result="good",
        note="compared with the newest inventory; use is not read yet, so it is unknown",
    )


def _table(rows: list[Row]) -> Table:
    return Table(
        caption="Apps and their scopes",
        columns=("Org", "App", "Kind", "Approved", "Granted", "Approved by"),
        rows=tuple(
            (
                org.name,
                each.app.label,
                each.app.get_kind_display(),
                _words(each.approved, nothing="never approved"),
                _words(each.granted, nothing="unknown"),
                _approver(each),
            )
            for org, each in rows[:MOST_ROWS]
        ),
    )


def _words(scopes: list[str] | None, *, nothing: str) -> str:
    return nothing if scopes is None else ", ".join(scopes) or "none"


def _approver(each: Comparison) -> str:
    if each.baseline is None:
        return "-"
    return f"{each.baseline.approved_by.name}, {day_and_time(each.baseline.approved_at)}"
