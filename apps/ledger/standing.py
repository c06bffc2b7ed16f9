"""How the open tenant's log stands as a whole, in a handful of indexed look-ups."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.ledger import proofs, selectors
from apps.ledger.anchoring import reading
from apps.ledger.models import Event, Leaf, Verification
from apps.ledger.spool.waiting import waiting_here

PATIENCE = timedelta(seconds=15)  # an event that has no position by then says that nobody gives any
RECENT = timedelta(days=7)
SET_ASIDE, RESUMED, GAP = "ledger.log.set_aside", "ledger.log.resumed", "ledger.source.gap"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that people should know before they rely on the log; `event` tells more."""

    words: str
    detail: str
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Size and time of the newest checkpoint, times of the newest anchor and of the newest check
    that found nothing, and what is wrong."""

    last: Event | None
    size: int
    signed_at: datetime | None
    anchored_at: datetime | None
    verified_at: datetime | None
    alarms: tuple[Alarm, ...]


def standing(*, now: datetime) -> Standing:
    """How the log stands; its size is the checkpoint's, nothing is counted."""
    last, newest = selectors.last_event(), proofs.latest_checkpoint()
    checked = Verification.objects.order_by("-started_at", "-id").first()
    return Standing(
        last=last,
        size=newest.size if newest else 0,
        signed_at=newest.at if newest else None,
        anchored_at=reading.last_anchor_at(),
        verified_at=checked.finished_at if checked and checked.is_good else None,
        alarms=tuple(_alarms(last, checked, now=now)),
    )


def _alarms(last: Event | None, checked: Verification | None, *, now: datetime) -> list[Alarm]:
    found = [_damaged(checked), _set_aside(), _spooled(), _waiting(last, now=now), _gap(now=now)]
    return [alarm for alarm in found if alarm is not None] + _outside()


def _damaged(checked: Verification | None) -> Alarm | None:
    if checked is None or checked.is_good:
        return None
    return Alarm(
        "The last verification found this ledger damaged.",
        str(checked.findings[0]) if checked.findings else "",
    )


def _set_aside() -> Alarm | None:
    rows = Event.objects.filter(action__in=[SET_ASIDE, RESUMED])
    event = rows.order_by("-at", "-id").first()
    if event is None or event.action == RESUMED:
        return None
    return Alarm(
        "This log is not signed any further: what is stored does not fit what was signed.",
        str(selectors.data_of(event).get("why", "")),
        event,
    )


def _waiting(last: Event | None, *, now: datetime) -> Alarm | None:
    if last is None or now - last.recorded_at < PATIENCE:
        return None
    if Leaf.objects.filter(event_id=last.pk).exists():
        return None
    return Alarm(
        "The newest events have no position and no signature yet.",
        "The sequencer does not keep up or does not run. They are safe, but not proved.",
        last,
    )


def _spooled() -> Alarm | None:
    waiting = waiting_here()
    if not waiting:
        return None
    return Alarm(
        "Acts of an emergency wait in this host's spool; the ledger does not hold them yet.",
        f"{waiting.words}. They are signed, and taken in by themselves once events can be written.",
    )


def _gap(*, now: datetime) -> Alarm | None:
    rows = Event.objects.filter(action=GAP, at__gte=now - RECENT)
    event = rows.order_by("-at", "-id").first()
    if event is None:
        return None
    told = selectors.data_of(event)
    words = ", ".join(f"{key} {value}".replace("_", " ") for key, value in told.items())
    return Alarm("Events that a source sent are missing from the ledger.", words, event)


def _outside() -> list[Alarm]:
    """What keeps the log from being held outside, place by place."""
    return [
        Alarm(
            "Nothing is anchored: the log of logs does not continue what was anchored."
            if problem.kind == "refused"
            else f"The newest state of the log could not be anchored at {problem.place}.",
            problem.words,
        )
        for problem in reading.open_problems()
    ]
