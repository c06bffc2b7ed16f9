"""Sealing values under a tenant's data keys (envelope encryption).

A data key per tenant, purpose and version, wrapped in `DataKey` by every key provider of its
purpose. A sealed value starts with the id of its key's row (sixteen bytes), so that a key whose
creation was rolled back can never be mistaken for the one made after it.
"""

import time
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.contrib.postgres.functions import TransactionNow
from django.db import IntegrityError, connection, models, transaction

from apps.common import keyring
from apps.common.actors import Actor, ServiceActor
from apps.common.clock import database_now
from apps.common.scope import current_scope, current_tenant_id
from apps.custody import access, envelope, outer, remembering
from apps.ledger import services as ledger

if TYPE_CHECKING:
    from apps.custody.models import DataKey

ID_BYTES = 16
FIRST_VERSION = 1
REMEMBER_S = 60.0  # how long a process may go on sealing under a key after a newer one was made
KEEPER = ServiceActor("custody")
_newest: dict[tuple[UUID, str], tuple[UUID, float]] = {}


def seal_value(plaintext: bytes, *, purpose: str, place: str) -> bytes:
    """Seal for one place under the open tenant's newest key for the purpose."""
    tenant_id = current_tenant_id()
    key_id = _newest_key_id(tenant_id, purpose)
    return key_id.bytes + keyring.seal(_key(tenant_id, purpose, key_id), plaintext, place=place)


def open_value(sealed: bytes, *, purpose: str, place: str) -> bytes:
    """Open what `seal_value` made.

    Raises `apps.common.keyring.CannotOpen`; `KeysUnavailable` and `KeysRefused` for the providers;
    `OwnKeyRevoked` when the tenant took its own key back; `Denied` for an emergency credential
    outside `access.emergency_access()`.
    """
    access.require_open_for(purpose)
    return keyring.open_sealed(key_of(sealed, purpose=purpose), sealed[ID_BYTES:], place=place)


def key_of(sealed: bytes, *, purpose: str) -> bytes:
    """The data key under which a value of the open tenant was sealed; raises as `open_value`."""
    if len(sealed) < ID_BYTES:
        raise keyring.CannotOpen("the sealed value is cut short")
    return _key(current_tenant_id(), purpose, UUID(bytes=sealed[:ID_BYTES]))


def newest_key_id(purpose: str) -> UUID:
    """The id of the key that new values of the open tenant are sealed under, read now."""
    _newest.pop((current_tenant_id(), purpose), None)
    current_scope().memory.pop((__name__, current_tenant_id(), purpose), None)
    return _newest_key_id(current_tenant_id(), purpose)


def forget() -> None:
    """Forget every key in this process."""
    _newest.clear()
    remembering.forget()


def make_key(purpose: str, version: int, *, actor: Actor, action: str) -> "DataKey":
    """A data key of the open tenant, wrapped and recorded. Raises `IntegrityError` for a version
    that somebody made first, and what wrapping raises."""
    own = outer.current_for(purpose)
    place = place_of(current_tenant_id(), purpose, version)
    inner = outer.wrap(own, AESGCM.generate_key(bit_length=256), place=place)
    wraps = envelope.wrap(inner, purpose=purpose, place=place)
    row = _rows().create(
        purpose=purpose,
        version=version,
        wraps=[each.to_json() for each in wraps],
        outer_id=own.pk if own else None,
    )
    ledger.record(
        actor=actor,
        action=action,
        target=row,
        at=database_now(),
        data={
            "purpose": purpose,
            "version": version,
            "providers": [each.provider for each in wraps],
        },
    )
    return row


def open_key(row: "DataKey") -> bytes:
    """A data key in the clear; raises as `open_value` does."""
    place = place_of(current_tenant_id(), row.purpose, row.version)
    inner = envelope.unwrap(map(envelope.Wrap.from_json, row.wraps), place=place)
    return outer.unwrap(row.outer, inner, place=place)


def place_of(tenant_id: UUID, purpose: str, version: int) -> str:
    """What a wrapped data key is bound to."""
    return f"{tenant_id}/{purpose}/{version}"


def _newest_key_id(tenant_id: UUID, purpose: str) -> UUID:
    known = _newest.get((tenant_id, purpose))
    if known is not None and known[1] > time.monotonic():
        return known[0]
    here, at = current_scope().memory, (__name__, tenant_id, purpose)
    open_now = tuple(connection.savepoint_ids)
    seen: tuple[UUID, tuple[str | None, ...]] | None = here.get(at)
    if seen is not None and open_now[: len(seen[1])] == seen[1]:
        return seen[0]
    row = _find_newest(purpose) or _create(purpose)
    if getattr(row, "is_committed", False):
        _newest[tenant_id, purpose] = (row.pk, time.monotonic() + REMEMBER_S)
    else:  # good until the savepoint ends in which it was seen, since that may undo it
        here[at] = (row.pk, open_now)
    return row.pk


def _find_newest(purpose: str) -> "DataKey | None":
    """The newest row; `is_committed` when an earlier transaction made it, so that ours may be
    undone without taking it away. Only such a key is remembered beyond this transaction."""
    rows = _rows().filter(purpose=purpose).order_by("-version")
    earlier = models.ExpressionWrapper(
        models.Q(created_at__lt=TransactionNow()), output_field=models.BooleanField()
    )
    return rows.annotate(is_committed=earlier).first()


def _key(tenant_id: UUID, purpose: str, key_id: UUID) -> bytes:
    at = (tenant_id, purpose, key_id)
    known = remembering.fresh(at)
    if known is not None:
        return known
    row = _rows().select_related("outer").filter(pk=key_id, purpose=purpose).first()
    if row is None:
        raise keyring.CannotOpen(f"this tenant has no such key for {purpose}")
    outer.require_alive(row.outer)
    stamp = f"{row.outer_id}"
    return remembering.confirmed(at, stamp) or remembering.keep(at, open_key(row), stamp)


def _create(purpose: str) -> "DataKey":
    """The first key for a purpose. Two who create it at once agree on the one that was first."""
    try:
        with transaction.atomic():
            return make_key(purpose, FIRST_VERSION, actor=KEEPER, action="custody.key.created")
    except IntegrityError:
        return _rows().get(purpose=purpose, version=FIRST_VERSION)


def _rows() -> "models.Manager[DataKey]":
    # Fields of custody's own models seal through this module, so the model is looked up by name.
    manager: models.Manager[DataKey] = apps.get_model("custody", "DataKey").objects
    return manager
