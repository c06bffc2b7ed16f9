"""What came into the ledger by a spool, or still waits in one: an exception, said first."""

from apps.breakglass.models import Request
from apps.evidence.pack.content import Finding
from apps.evidence.sections.brief import Brief
from apps.ledger.models import Event
from apps.ledger.selectors import data_of
from apps.ledger.spool.marks import mark_of, spooled_of
from apps.ledger.spool.waiting import waiting_bodies


def spool_findings(brief: Brief, request: Request) -> tuple[Finding, ...]:
    """Entries of one access that were signed on a host first, and what is wrong with its spools."""
    what = brief.say("spooled.finding", case=request.case_reference)
    events = spooled_of(request)
    return (
        *_faults(brief, what, events),
        *_waiting(brief, what, request),
        *_taken_in(brief, what, events),
    )


def _taken_in(brief: Brief, what: str, events: list[Event]) -> list[Finding]:
    first, last = (mark_of(events[0]), mark_of(events[-1])) if events else (None, None)
    if first is None or last is None:
        return []
    detail = brief.say(
        "spooled.taken_in",
        n=brief.say.counted(len(events), "event"),
        host=first.host,
        first=brief.moment(first.at),
        last=brief.moment(last.at),
        recorded=brief.moment(max(event.recorded_at for event in events)),
        why=brief.say.choice("unwritable", first.why, first.words),
    )
    return [Finding(what=what, result="attention", detail=detail)]


def _waiting(brief: Brief, what: str, request: Request) -> list[Finding]:
    count = sum(body["target"]["id"] == str(request.pk) for body in waiting_bodies())
    if not count:
        return []
    detail = brief.say("spooled.waiting", n=brief.say.counted(count, "event"))
    return [Finding(what=what, result="unknown", detail=detail)]


def _faults(brief: Brief, what: str, events: list[Event]) -> list[Finding]:
    spools = {str(event.source_id) for event in events}
    gaps = Event.objects.filter(action="ledger.source.gap", target_id__in=spools)
    return [
        Finding(
            what=what,
            result="danger",
            detail=brief.say("spooled.fault", number=told["number"], reason=told["reason"]),
        )
        for told in map(data_of, gaps.order_by("at", "id"))
    ]
