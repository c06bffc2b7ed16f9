"""How long events are kept, what may not go, and removing what was exported before.

At least 90 days whatever a tenant says (IT incidents are often found months later). Removing asks
for a login of its own; the database checks mark, age and holds for every single event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from django.db import transaction

from apps.common.actors import Actor
from apps.common.clock import database_now
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.scope import scoped
from apps.ledger import exports, rows, services, verifications
from apps.ledger.models import Event, HoldRelease, LegalHold, PruneMark, RetentionPolicy
from apps.ledger.models.retention import SHORTEST_DAYS, USUAL_DAYS
from apps.ledger.verify import verify

LONGEST_DAYS = 36_500
Connection = psycopg.Connection[tuple[object, ...]]
REMOVE = """
    DELETE FROM ledger_event e USING ledger_leaf l
    WHERE l.tenant_id = e.tenant_id AND l.eid = e.eid AND l.seq < %(below)s
    AND e.tenant_id = %(tenant)s AND e.recorded_at < %(before)s
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What may go now: positions from `start` to `below`, recorded before `before`."""

    start: int
    below: int
    before: datetime


def days_kept() -> int:
    """For how many days the open tenant keeps events."""
    policy = RetentionPolicy.objects.order_by("-at", "-id").first()
    return policy.days if policy else USUAL_DAYS


def open_holds() -> list[LegalHold]:
    """Holds of the open tenant that nobody released, oldest first."""
    return list(LegalHold.objects.filter(release=None).order_by("at"))


def list_marks() -> list[PruneMark]:
    """What was pruned, newest first."""
    return list(PruneMark.objects.order_by("-below")[:50])


def due(*, now: datetime) -> Due:
    """What is older than the tenant keeps. Holds are not looked at here."""
    start = verifications.pruned_below()
    before = now - timedelta(days=days_kept())
    return Due(start, _first_since(before, start, verifications.newest_size()), before)


def next_due_at() -> datetime | None:
    """When the oldest event that is still here will have been kept for long enough."""
    oldest = Event.objects.order_by("recorded_at").values_list("recorded_at", flat=True).first()
    return oldest + timedelta(days=days_kept()) if oldest else None


@transaction.atomic
def change_days(*, actor: Actor, days: int, now: datetime) -> RetentionPolicy:
    """Keep events for another number of days. Raises `Invalid` for fewer than 90."""
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        words = f"Choose between {SHORTEST_DAYS} and {LONGEST_DAYS:,} days."
        raise Invalid(words, field="days")
    policy = RetentionPolicy.objects.create(days=days, at=now, actor=actor.actor_ref)
    _remember(actor, "ledger.retention.changed", policy, now, days=days)
    return policy


@transaction.atomic
def place_hold(*, actor: Actor, reason: str, now: datetime) -> LegalHold:
    """Keep everything until the hold is released. Raises `Invalid` without a reason."""
    reason = " ".join(reason.split())
    if not 3 <= len(reason) <= 200 or not reason.isprintable():
        raise Invalid("Say why in 3 to 200 characters: a case number, no names.", field="reason")
    hold = LegalHold.objects.create(reason=reason, at=now, actor=actor.actor_ref)
    _remember(actor, "ledger.hold.placed", hold, now)
    return hold


@transaction.atomic
def release_hold(*, actor: Actor, hold_id: UUID, now: datetime) -> HoldRelease:
    """End a hold. Raises `NotFound`, and `Conflict` when it has ended already."""
    hold = LegalHold.objects.filter(pk=hold_id).first()
    if hold is None:
        raise NotFound("There is no such legal hold here.")
    release, made = HoldRelease.objects.get_or_create(
        hold=hold, defaults={"at": now, "actor": actor.actor_ref}
    )
    if not made:
        raise Conflict("This hold was released already.")
    _remember(actor, "ledger.hold.released", hold, now)
    return release


def prune(
    *, tenant_id: UUID, out: Path, actor: Actor, operator: str, connect: Callable[[], Connection]
) -> PruneMark | None:
    """Export what is due, check the export, mark it, and remove it with the retention login.

    Nothing when nothing is due. Raises `Conflict` under a hold and when the export does not verify.
    Stopped half-way it removes nothing or the rest another time: the mark stays.
    """
    with scoped(tenant_id=tenant_id):
        now = database_now()
        _require_no_hold()
        what = due(now=now)
        if what.below <= what.start:
            return None
        made = exports.export_to(out, actor=actor, operator=operator)
    if report := verify(out).failed:
        raise Conflict(f"The export does not verify, so nothing was removed: {report[0][1]}")
    with scoped(tenant_id=tenant_id):
        mark = _mark(actor, what, made.sha256, str(out), made.size)
    with connect() as login:
        login.execute("SELECT set_config('app.tenant', %s, false)", [str(tenant_id)])
        remove = {"below": what.below, "tenant": tenant_id, "before": what.before}
        login.execute(REMOVE, remove)
    return mark


def _mark(actor: Actor, what: Due, sha256: str, place: str, size: int) -> PruneMark:
    now = database_now()
    _require_no_hold()
    mark = PruneMark.objects.create(
        below=what.below,
        sha256=sha256,
        place=place,
        size=size,
        at=now,
        actor=actor.actor_ref,
    )
    _remember(actor, "ledger.log.pruned", mark, now, below=what.below, sha256=sha256)
    return mark


def _require_no_hold() -> None:
    if holds := open_holds():
        words = f"A legal hold of {holds[0].at:%Y-%m-%d} is open. Nothing is removed under a hold."
        raise Conflict(words)


def _first_since(moment: datetime, low: int, high: int) -> int:
    """The first position recorded at or after a moment. Positions follow time to within a commit,
    and the database judges each event again."""
    while low < high:
        middle = (low + high) // 2
        recorded_at = rows.recorded_at(middle)
        if recorded_at is not None and recorded_at >= moment:
            high = middle
        else:
            low = middle + 1
    return low


def _remember(
    actor: Actor,
    action: str,
    target: RetentionPolicy | LegalHold | PruneMark,
    at: datetime,
    **data: int | str,
) -> None:
    services.record(actor=actor, action=action, target=target, at=at, data=data)
