"""Appending to the ledger, always inside the transaction of the act itself."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785
from django.db import connection, models

from apps.common.actors import Actor
from apps.common.clock import database_now
from apps.common.errors import Denied
from apps.common.scope import current_tenant_id
from apps.ledger import registry
from apps.ledger.models import Event

LEAF_PREFIX = b"\x00"  # RFC 6962 §2.1: leaves and nodes are hashed apart


class Clash(RuntimeError):
    """Two acts under one event id: a programming error, or somebody took the id first."""


def record(
    *,
    actor: Actor,
    action: str,
    target: models.Model,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    event_id: uuid.UUID | None = None,
) -> Event:
    """Append one event in the open transaction; it is durable exactly when its act is.

    `data` holds JSON values without personal data: ids, hashes, counts, codes. `event_id` makes a
    retried act record once: an event of that id that says the same is returned.
    Raises `ValueError` for an action nobody registered, `RuntimeError` outside a transaction and
    `Clash` when an event of that id says something else: an act is never silently left out.
    """
    return _append(
        actor=actor,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        at=at,
        data=dict(data or {}),
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


def leaf_hash(body: bytes) -> bytes:
    """The RFC 6962 leaf hash of an event's canonical bytes."""
    return hashlib.sha256(LEAF_PREFIX + body).digest()


def _require_same(known: dict[str, Any], said: dict[str, Any]) -> None:
    """The same act, whenever it was tried again."""
    if {**known, "at": ""} != {**said, "at": ""}:
        raise Clash("a ledger event of this id tells of another act")


def _append(
    *,
    actor: Actor,
    action: str,
    target_type: str,
    target_id: str,
    at: datetime,
    data: dict[str, Any],
    event_id: uuid.UUID | None,
) -> Event:
    if not registry.is_registered(action):
        raise ValueError(f"ledger action {action!r} is registered by no app")
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded inside the transaction of its act")
    tenant_id, new_id = current_tenant_id(), event_id or uuid.uuid4()
    said: dict[str, Any] = {
        "v": 1,
        "event_id": str(new_id),
        "tenant_id": str(tenant_id),
        "actor": actor.actor_ref,
        "action": action,
        "target": {"type": target_type, "id": target_id},
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "data": data,
    }
    body = rfc8785.dumps(said)
    if event_id and (known := Event.objects.filter(id=event_id).first()):
        _require_same(json.loads(bytes(known.body)), json.loads(body))
        return known
    return Event.objects.create(
        id=new_id,
        tenant_id=tenant_id,
        action=action,
        actor=actor.actor_ref,
        target_type=target_type,
        target_id=target_id,
        at=at,
        body=body,
        leaf=leaf_hash(body),
    )
