"""The canonical bytes of an event (RFC 8785), the same for the database and for a spool."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from apps.ledger.models import Event

LEAF_PREFIX = b"\x00"  # RFC 6962 §2.1: leaves and nodes are hashed apart
VERSION = 2


def canonical(event: Event, data: Mapping[str, Any], **marks: Any) -> bytes:
    """The bytes that commit to everything the event says; `marks` stand beside its data."""
    return rfc8785.dumps(
        {
            "v": VERSION,
            "event_id": str(event.id),
            "tenant_id": str(event.tenant_id),
            "actor": event.actor,
            "action": event.action,
            "target": {"type": event.target_type, "id": event.target_id},
            "at": event.at.isoformat(timespec="microseconds"),
            "request": str(event.request_id) if event.request_id else None,
            "source": {"id": str(event.source_id), "seq": event.source_seq},
            "data": dict(data),
            **marks,
        }
    )


def leaf_hash(body: bytes) -> bytes:
    """The RFC 6962 leaf hash of an event's canonical bytes."""
    return hashlib.sha256(LEAF_PREFIX + body).digest()
