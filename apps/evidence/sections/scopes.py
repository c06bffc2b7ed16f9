"""Which apps can reach the orgs: scopes approved beside scopes granted, and who approved them."""

from apps.crm.models import Connection
from apps.evidence.pack.content import Bar, Chart, Checked, Finding, Result, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.results import worst
from apps.posture.comparison import DEVIATES, MATCHES, NO_BASELINE, UNKNOWN, Comparison
from apps.posture.selectors import compare_orgs

MOST_ROWS = 400
MOST_NAMES = 12
RESULTS: dict[str, Result] = {
    DEVIATES: "danger",
    UNKNOWN: "unknown",
    NO_BASELINE: "attention",
    MATCHES: "good",
}
LABELS = {
    DEVIATES: "deviates",
    UNKNOWN: "unknown",
    NO_BASELINE: "never approved",
    MATCHES: "as approved",
}
Row = tuple[Connection, Comparison]


def write(brief: Brief) -> Section:
    """One row an app. Scopes that the org does not tell are unknown, never unused."""
    say = brief.say
    rows = _compare_all()
    exceptions = tuple(_finding(brief, row) for row in rows if row[1].standing in _EXCEPTIONS)
    orgs = {row[0].pk: row[0] for row in rows}.values()
    by_org = [(org, [each for of, each in rows if of.pk == org.pk]) for org in orgs]
    checked = tuple(_checked(brief, org, each) for org, each in by_org)
    never = tuple(_never(brief, org, each) for org, each in by_org if _unapproved(each))
    counts = {standing: sum(row[1].standing == standing for row in rows) for standing in RESULTS}
    return Section(
        heading=say("scopes.heading"),
        summary=say(
            "scopes.summary",
            apps=say.counted(len(rows), "app"),
            matches=counts[MATCHES],
            deviates=counts[DEVIATES],
            none=counts[NO_BASELINE],
            unknown=counts[UNKNOWN],
        ),
        result=worst(RESULTS[row[1].standing] for row in rows),
        exceptions=(*exceptions[: MOST_ROWS - len(never)], *never),
        checked=checked,
        charts=(_chart(brief, counts),) if rows else (),
        tables=(_table(brief, rows),),
    )


_EXCEPTIONS = {DEVIATES, UNKNOWN}


def _chart(brief: Brief, counts: dict[str, int]) -> Chart:
    bars = tuple(
        Bar(
            label=brief.say.choice("standing", standing, LABELS[standing]),
            value=count,
            result=RESULTS[standing],
        )
        for standing, count in counts.items()
    )
    return Chart(caption=brief.say("scopes.chart"), bars=bars)


def _compare_all() -> list[Row]:
    compared = compare_orgs(Connection.objects.order_by("name"))
    return [(org, each) for org, found in compared for each in found or []]


def _finding(brief: Brief, row: Row) -> Finding:
    org, each = row
    return Finding(
        what=brief.say("scopes.finding", app=each.app.label, org=org.name),
        result=RESULTS[each.standing],
        detail=_detail(brief, each),
    )


def _detail(brief: Brief, each: Comparison) -> str:
    if each.standing == UNKNOWN:
        return brief.say("scopes.untold")
    beyond, lacks = ", ".join(each.beyond), ", ".join(each.missing)
    parts = [
        brief.say("scopes.beyond", scopes=beyond) if beyond else "",
        brief.say("scopes.lacks", scopes=lacks) if lacks else "",
    ]
    return " ".join(part for part in parts if part)


def _unapproved(found: list[Comparison]) -> list[str]:
    return [each.app.label for each in found if each.standing == NO_BASELINE]


def _never(brief: Brief, org: Connection, found: list[Comparison]) -> Finding:
    """The apps of one org that nobody ever approved, in one breath."""
    names = _unapproved(found)
    more = len(names) - MOST_NAMES
    listed = ", ".join(names[:MOST_NAMES])
    return Finding(
        what=brief.say("scopes.never", apps=brief.say.counted(len(names), "app"), org=org.name),
        result=RESULTS[NO_BASELINE],
        detail=brief.say("scopes.more", names=listed, n=more) if more > 0 else listed,
    )


def _checked(brief: Brief, org: Connection, found: list[Comparison]) -> Checked:
    return Checked(
        what=brief.say("scopes.check", org=org.name),
        by=brief.say("by.posture"),
        result=worst(RESULTS[each.standing] for each in found),
        note=brief.say("scopes.note"),
    )


def _table(brief: Brief, rows: list[Row]) -> Table:
    say = brief.say
    return Table(
        caption=say("scopes.caption"),
        columns=brief.columns("scopes.columns"),
        rows=tuple(
            (
                org.name,
                each.app.label,
                say.choice("app_kind", each.app.kind, each.app.get_kind_display()),
                _words(brief, each.approved, nothing=say("scopes.never_approved")),
                _words(brief, each.granted, nothing=say("common.unknown")),
                _approver(brief, each),
            )
            for org, each in rows[:MOST_ROWS]
        ),
    )


def _words(brief: Brief, scopes: list[str] | None, *, nothing: str) -> str:
    return nothing if scopes is None else ", ".join(scopes) or brief.say("common.none")


def _approver(brief: Brief, each: Comparison) -> str:
    if each.baseline is None:
        return brief.say("common.dash")
    return f"{each.baseline.approved_by.name}, {brief.moment(each.baseline.approved_at)}"
