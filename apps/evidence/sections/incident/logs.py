"""What cannot be known: hours without an event log, and the console's calls beside the org's."""

import math
from collections.abc import Iterable
from datetime import timedelta

from apps.crm.eventlogs.coverage import Window, covered, gaps_of, types_of_calls
from apps.crm.models import Connection
from apps.evidence.pack.content import Checked, Finding, Result
from apps.evidence.sections.brief import Brief
from apps.posture.models import LogComparison

MOST_STRETCHES = 10
HOUR = timedelta(hours=1)


def unread_of(brief: Brief, org: Connection) -> list[Window]:
    """Stretches of the window that no event log file covers: unknown, however quiet they seem."""
    since, until = brief.window.start, brief.window.end
    seen = covered(org, types_of_calls(org), since=since, until=until)
    return gaps_of(seen, since=since, until=until)


def unread_finding(brief: Brief, unread: list[Window]) -> tuple[Finding, ...]:
    """The exception that says so; none where every hour was read."""
    if not unread:
        return ()
    total = hours([(brief.window.start, brief.window.end)])
    what = brief.say("incident.unread", hours=hours(unread), total=total)
    detail = brief.say("incident.unread_detail", stretches=_stretches(brief, unread))
    return (Finding(what=what, result="unknown", detail=detail),)


def unread_check(brief: Brief, unread: list[Window]) -> Checked:
    """Whether event logs cover every hour."""
    return Checked(
        what=brief.say("incident.logs_check"),
        by=brief.say("by.crm"),
        result="unknown" if unread else "good",
        note=brief.say("incident.logs_note", hours=hours(unread)),
    )


def comparison_check(brief: Brief) -> Checked:
    """What the newest comparison that reaches into the window found; unknown without one."""
    rows = LogComparison.objects.filter(connection=brief.subject, looked_at__lte=brief.at)
    inside = rows.filter(since__lt=brief.window.end, until__gt=brief.window.start)
    found = inside.order_by("-looked_at", "-id").first()
    return Checked(
        what=brief.say("incident.compare_check"),
        by=brief.say("by.posture"),
        result=_result_of(found),
        note=_note_of(brief, found) if found else brief.say("incident.never_compared"),
    )


def hours(stretches: Iterable[Window]) -> int:
    """Hours in all, begun ones counted as whole."""
    return math.ceil(sum((end - start for start, end in stretches), timedelta()) / HOUR)


def _result_of(found: LogComparison | None) -> Result:
    if found is None:
        return "unknown"
    if found.unrecorded_count:
        return "danger"
    if found.unseen_count:
        return "attention"
    return "good" if found.matched and not found.words and not found.pending_count else "unknown"


def _note_of(brief: Brief, found: LogComparison) -> str:
    return brief.say(
        "incident.compare_note",
        since=brief.moment(found.since),
        until=brief.moment(found.until),
        matched=found.matched,
        unrecorded=found.unrecorded_count,
        unseen=found.unseen_count,
        pending=found.pending_count,
    )


def _stretches(brief: Brief, unread: list[Window]) -> str:
    dash = brief.say("common.dash")
    told = [f"{brief.moment(start)} {dash} {brief.moment(end)}" for start, end in unread]
    if len(told) > MOST_STRETCHES:
        rest = brief.say.number(len(told) - MOST_STRETCHES)
        told = [*told[:MOST_STRETCHES], f"+ {rest}"]
    return ", ".join(told)
