"""Sealing values under a tenant's data keys (envelope encryption).

A data key per tenant, purpose and version; wrapped by a key provider in `DataKey`, unwrapped once
per process. A sealed value starts with the id of its key's row (sixteen bytes), so that a key
whose creation was rolled back can never be mistaken for the one made after it.
"""

import time
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.contrib.postgres.functions import TransactionNow
from django.db import IntegrityError, models, transaction

from apps.common import keyring
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.scope import current_tenant_id
from apps.custody.providers import provider_named, providers_for
from apps.ledger import services as ledger

if TYPE_CHECKING:
    from apps.custody.models import DataKey

ID_BYTES = 16
FIRST_VERSION = 1
REMEMBER_S = 60.0  # how long a process may go on sealing under a key after a newer one was made
_newest: dict[tuple[UUID, str], tuple[UUID, float]] = {}


def seal_value(plaintext: bytes, *, purpose: str, place: str) -> bytes:
    """Seal for one place under the open tenant's newest key for the purpose."""
    tenant_id = current_tenant_id()
    key_id = _newest_key_id(tenant_id, purpose)
    return key_id.bytes + keyring.seal(_key(tenant_id, purpose, key_id), plaintext, place=place)


def open_value(sealed: bytes, *, purpose: str, place: str) -> bytes:
    """Open what `seal_value` made, or raise `apps.common.keyring.CannotOpen`."""
    if len(sealed) < ID_BYTES:
        raise keyring.CannotOpen("the sealed value is cut short")
    key = _key(current_tenant_id(), purpose, UUID(bytes=sealed[:ID_BYTES]))
    return keyring.open_sealed(key, sealed[ID_BYTES:], place=place)


def _newest_key_id(tenant_id: UUID, purpose: str) -> UUID:
    known = _newest.get((tenant_id, purpose))
    if known is not None and known[1] > time.monotonic():
        return known[0]
    row = _find_newest(purpose) or _create(tenant_id, purpose)
    if getattr(row, "is_committed", False):
        _newest[tenant_id, purpose] = (row.pk, time.monotonic() + REMEMBER_S)
    return row.pk


def _find_newest(purpose: str) -> "DataKey | None":
    """The newest row; `is_committed` when an earlier transaction made it, so that ours may be
    undone without taking it away. Only such a key is remembered beyond this transaction."""
    rows = _rows().filter(purpose=purpose).order_by("-version")
    earlier = models.ExpressionWrapper(
        models.Q(created_at__lt=TransactionNow()), output_field=models.BooleanField()
    )
    return rows.annotate(is_committed=earlier).first()


@lru_cache(maxsize=4096)
def _key(tenant_id: UUID, purpose: str, key_id: UUID) -> bytes:
    row = _rows().filter(pk=key_id, purpose=purpose).first()
    if row is None:
        raise keyring.CannotOpen(f"this tenant has no such key for {purpose}")
    provider = provider_named(row.provider)
    if provider is None:
        raise keyring.CannotOpen(f"the key provider {row.provider} is not configured here")
    place = _place(tenant_id, purpose, row.version)
    return provider.unwrap(bytes(row.wrapped), key_id=row.key_id, place=place)


def _create(tenant_id: UUID, purpose: str) -> "DataKey":
    """The first key for a purpose. Two who create it at once agree on the one that was first."""
    provider = providers_for(purpose)[0]
    key_id = provider.current_key_id()
    wrapped = provider.wrap(
        AESGCM.generate_key(bit_length=256),
        key_id=key_id,
        place=_place(tenant_id, purpose, FIRST_VERSION),
    )
    try:
        with transaction.atomic():
            row = _rows().create(
                purpose=purpose,
                version=FIRST_VERSION,
                provider=provider.name,
                key_id=key_id,
                wrapped=wrapped,
            )
            ledger.record(
                actor=ServiceActor("custody"),
                action="custody.key.created",
                target=row,
                at=database_now(),
                data={"purpose": purpose, "version": row.version, "provider": provider.name},
            )
            return row
    except IntegrityError:
        return _rows().get(purpose=purpose, version=FIRST_VERSION)


def _place(tenant_id: UUID, purpose: str, version: int) -> str:
    return f"{tenant_id}/{purpose}/{version}"


def _rows() -> "models.Manager[DataKey]":
    # Fields of custody's own models seal through this module, so the model is looked up by name.
    manager: models.Manager[DataKey] = apps.get_model("custody", "DataKey").objects
    return manager
