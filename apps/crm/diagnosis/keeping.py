"""Keeping what was recognised: one open row per cause, ended by the next session that works."""

from datetime import datetime
from uuid import UUID

from django.db import models

from apps.common.actors import ServiceActor
from apps.crm import errors
from apps.crm.diagnosis.causes import cause_named
from apps.crm.diagnosis.models import Trouble
from apps.crm.diagnosis.recognise import Recognised, recognise
from apps.ledger import services as ledger

WATCH = ServiceActor("crm")


def note_trouble(*, connection_id: UUID, error: errors.CrmError, now: datetime) -> Trouble | None:
    """Keep the cause behind an error; None where it is no lockout. Call it in the tenant's scope.

    The same cause seen again counts up and stays one row. A new one that does not pass by itself is
    recorded.
    """
    found = recognise(error)
    if found is None:
        return None
    row = _open(connection_id).select_for_update().filter(cause=found.cause).first()
    if row is None:
        return _begin(connection_id, found, error, now=now)
    row.times, row.last_at, row.retry_at = row.times + 1, now, _retry_at(found, error, now=now)
    row.evidence, row.certain = found.evidence, found.certain
    row.save()
    return row


def end_troubles(*, connection_id: UUID, now: datetime) -> int:
    """A session worked: whatever kept the console out is over. Returns how many causes ended."""
    ended = list(_open(connection_id).order_by("first_at", "id").select_for_update())
    for row in ended:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        if not cause_named(row.cause).passes:
            _record("crm.lockout.ended", row, now=now)
    return len(ended)


def open_troubles(connection_id: UUID) -> list[Trouble]:
    """What keeps the console out now, the latest first."""
    return list(_open(connection_id).order_by("-last_at", "-id"))


def past_troubles(connection_id: UUID) -> list[Trouble]:
    """The last ten causes that are over, the latest first."""
    rows = Trouble.objects.filter(connection_id=connection_id, ended_at__isnull=False)
    return list(rows.order_by("-ended_at")[:10])


def _open(connection_id: UUID) -> models.QuerySet[Trouble]:
    return Trouble.objects.filter(connection_id=connection_id, ended_at__isnull=True)


def _begin(
    connection_id: UUID, found: Recognised, error: errors.CrmError, *, now: datetime
) -> Trouble:
    row, _ = Trouble.objects.get_or_create(
        connection_id=connection_id,
        cause=found.cause,
        ended_at=None,
        defaults={
            "certain": found.certain,
            "evidence": found.evidence,
            "first_at": now,
            "last_at": now,
            "retry_at": _retry_at(found, error, now=now),
        },
    )
    if not cause_named(row.cause).passes:
        _record("crm.lockout.noticed", row, now=now)
    return row


def _retry_at(found: Recognised, error: errors.CrmError, *, now: datetime) -> datetime | None:
    told = error.data.get("retry_at")
    if isinstance(told, datetime):
        return told
    wait = cause_named(found.cause).wait
    return now + wait if wait else None


def _record(action: str, row: Trouble, *, now: datetime) -> None:
    ledger.record(
        actor=WATCH,
        action=action,
        target=row.connection,
        at=now,
        data={"cause": row.cause, "certain": row.certain},
    )
