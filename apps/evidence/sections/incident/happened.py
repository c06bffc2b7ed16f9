"""What happened at the org, in order of time, and first of all what is still open or unknown."""

from collections import Counter

from apps.crm.models import Connection
from apps.evidence.pack.content import RESULTS, Bar, Chart, Checked, Finding, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.incident import logs
from apps.evidence.sections.incident.entries import KINDS, Entry, entries_of
from apps.evidence.sections.incident.rows import org_of
from apps.evidence.sections.results import worst

MOST_LINES, MOST_EXCEPTIONS = 200, 60


def write(brief: Brief) -> Section:
    """One line for each thing the console saw. Silence is unknown where no event log was read."""
    org, entries = org_of(brief), entries_of(brief)
    unread = logs.unread_of(brief, org)
    checked = (
        _way_in(brief, org, entries),
        logs.unread_check(brief, unread),
        logs.comparison_check(brief),
    )
    exceptions = sorted(
        (*_open(brief, entries), *logs.unread_finding(brief, unread)),
        key=lambda found: RESULTS.index(found.result),
    )
    return Section(
        heading=brief.say("incident.heading"),
        summary=_summary(brief, org, entries),
        result=worst([*(c.result for c in checked), *(f.result for f in exceptions)]),
        exceptions=tuple(exceptions[:MOST_EXCEPTIONS]),
        checked=checked,
        charts=(_chart(brief, entries),) if entries else (),
        tables=(_table(brief, entries),),
    )


def _summary(brief: Brief, org: Connection, entries: list[Entry]) -> str:
    say = brief.say
    zone = f"{org.zone.name} ({', '.join(org.zone.jurisdictions)})"
    if not entries:
        return say("incident.empty", org=org.name, zone=zone)
    return say(
        "incident.summary",
        org=org.name,
        zone=zone,
        things=say.counted(len(entries), "occurrence"),
        open=sum(entry.result is not None for entry in entries),
    )


def _open(brief: Brief, entries: list[Entry]) -> list[Finding]:
    """What is not over and no other part tells of, oldest first."""
    return [
        Finding(
            what=entry.what,
            result=entry.result,
            detail=f"{brief.moment(entry.at)}. {entry.state}",
        )
        for entry in entries
        if entry.result and not entry.elsewhere
    ]


def _way_in(brief: Brief, org: Connection, entries: list[Entry]) -> Checked:
    """Whether the console can use the org now: without it nothing is read and nothing revoked."""
    shut_out = any(entry.kind == "lockout" and entry.result for entry in entries)
    works = org.state == Connection.State.HEALTHY
    return Checked(
        what=brief.say("incident.way_in"),
        by=brief.say("by.crm"),
        result="attention" if shut_out else "good" if works else "unknown",
        note=brief.say(
            "incident.way_in_note",
            state=brief.say.choice("connection", org.state, org.get_state_display()),
            at=brief.moment(org.checked_at),
        ),
    )


def _chart(brief: Brief, entries: list[Entry]) -> Chart:
    counts = Counter(entry.kind for entry in entries)
    bars = (Bar(label=_kind(brief, kind), value=counts[kind]) for kind in KINDS if counts[kind])
    return Chart(caption=brief.say("incident.chart"), bars=tuple(bars))


def _kind(brief: Brief, kind: str) -> str:
    return brief.say(f"incident.kinds.{kind}")


def _table(brief: Brief, entries: list[Entry]) -> Table:
    say = brief.say
    caption = say("incident.caption")
    if len(entries) > MOST_LINES:
        cut = say("incident.cut", shown=MOST_LINES, total=len(entries))
        caption = f"{caption} {cut}"
    return Table(
        caption=caption,
        columns=brief.columns("incident.columns"),
        rows=tuple(
            (brief.moment(entry.at), _kind(brief, entry.kind), entry.what, entry.state)
            for entry in entries[:MOST_LINES]
        ),
    )
