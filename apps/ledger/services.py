"""Appending to the ledger, always inside the transaction of the act itself."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, connection, models, transaction

from apps.common.actors import Actor, ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Denied
from apps.common.ids import new_id
from apps.common.request_ids import current_request_id
from apps.common.scope import current_tenant_id
from apps.ledger import registry
from apps.ledger.body import canonical, leaf_hash
from apps.ledger.errors import Clash, NotRecorded
from apps.ledger.models import Event
from apps.ledger.sources import current_source
from apps.ledger.spool import switch, writing

__all__ = ["Clash", "NotRecorded", "leaf_hash", "note", "record", "record_refusal", "take_spooled"]

ADD = "select ledger_add(%s), false"
APPEND = "select recorded_at, repeated from ledger_append(%s)"
TELLS_OF_ANOTHER_ACT = "BW001"  # raised by ledger_append
BROKEN_BEFORE = "25P02"  # in_failed_sql_transaction: an earlier statement failed, not this one


def record(
    *,
    actor: Actor,
    action: str,
    target: models.Model,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    event_id: uuid.UUID | None = None,
    source: tuple[uuid.UUID, int] | None = None,
) -> Event:
    """Append one event in the open transaction; it is durable exactly when its act is.

    `data` holds JSON values without personal data: ids, hashes, counts, codes. `event_id` makes a
    retried act record once: an event of that id that says the same is returned. `source` is the
    id and the number of an event that a registered source outside counted itself. Inside
    `spool.switch.spooling()` the event goes to this host's spool and is durable at once.
    Raises `ValueError` for an action nobody registered, `RuntimeError` outside a transaction,
    `Clash` when an event of that id says something else (an act is never silently left out) and
    `NotRecorded` when the database does not take the event. After the last two the transaction can
    only be rolled back, and the act with it.
    """
    return _append(
        actor=actor,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        at=at,
        data=dict(data or {}),
        event_id=event_id,
        source=source,
    )


def note(
    *,
    action: str,
    target_type: str,
    target_id: str,
    at: datetime,
    data: dict[str, Any],
    event_id: uuid.UUID,
) -> Event:
    """Record what the ledger found out about itself, once under its id."""
    return _append(
        actor=ServiceActor("ledger"),
        action=action,
        target_type=target_type,
        target_id=target_id,
        at=at,
        data=data,
        event_id=event_id,
    )


def record_refusal(actor: Actor, denied: Denied) -> None:
    """Remember a no: who was refused, and by which rule. Never what they typed."""
    _append(
        actor=actor,
        action="ledger.request.refused",
        target_type="rule",
        target_id=denied.rule[:64],
        at=database_now(),
        data={"rule": denied.rule},
        event_id=None,
    )


def take_spooled(body: bytes) -> bool:
    """Record a body that a spool kept, byte for byte; false when it had been recorded before.

    Raises `Clash` when another act is recorded under its id, and `NotRecorded`.
    """
    _, repeated = _tell_database(body, given=True)
    return not repeated


def _append(
    *,
    actor: Actor,
    action: str,
    target_type: str,
    target_id: str,
    at: datetime,
    data: dict[str, Any],
    event_id: uuid.UUID | None,
    source: tuple[uuid.UUID, int] | None = None,
) -> Event:
    if not registry.is_registered(action):
        raise ValueError(f"ledger action {action!r} is registered by no app")
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded inside the transaction of its act")
    process, tenant_id = current_source(), current_tenant_id()
    source_id, number = source or (process.id, process.next_number(tenant_id))
    event = Event(
        id=event_id or new_id(),
        tenant_id=tenant_id,
        action=action,
        actor=actor.actor_ref,
        target_type=target_type,
        target_id=target_id,
        at=at.astimezone(UTC),
        request_id=current_request_id(),
        source_id=source_id,
        source_seq=number,
    )
    spooling = switch.current()
    if spooling is not None and source is None:
        return writing.append(event, data, to=spooling)
    event.body = canonical(event, data)
    event.leaf = leaf_hash(event.body)
    event.recorded_at, repeated = _tell_database(event.body, given=event_id is not None)
    event._state.adding, event._state.db = False, connection.alias
    if repeated:
        return Event.objects.get(id=event.id)
    if source is None:
        transaction.on_commit(lambda: process.acknowledge(tenant_id, number))
    return event


def _tell_database(body: bytes, *, given: bool) -> tuple[datetime, bool]:
    """When it was recorded, and whether it had been before."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(APPEND if given else ADD, [body])
            told: tuple[datetime, bool] = cursor.fetchone()
    except DatabaseError as failure:
        code = getattr(failure.__cause__, "sqlstate", None)
        if code == TELLS_OF_ANOTHER_ACT:
            raise Clash("a ledger event of this id tells of another act") from failure
        if code == BROKEN_BEFORE:
            raise
        raise NotRecorded(
            "The ledger could not record this, so nothing was done. Try again; if it stays so, "
            "tell whoever runs the console."
        ) from failure
    return told
