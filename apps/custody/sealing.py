"""Sealing values under a tenant's data keys (envelope encryption).

A data key per tenant, purpose and version; wrapped by a key provider in `DataKey`, unwrapped once
per process. A sealed value starts with its key's version (four bytes, big endian).
"""

from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.db import IntegrityError, models, transaction

from apps.common import keyring
from apps.common.scope import current_tenant_id
from apps.custody.providers import default_provider, provider_named

if TYPE_CHECKING:
    from apps.custody.models import DataKey

VERSION_BYTES = 4
FIRST_VERSION = 1


def seal_value(plaintext: bytes, *, purpose: str, place: str) -> bytes:
    """Seal for one place under the open tenant's newest key for the purpose."""
    version, key = _newest_key(current_tenant_id(), purpose)
    return version.to_bytes(VERSION_BYTES, "big") + keyring.seal(key, plaintext, place=place)


def open_value(sealed: bytes, *, purpose: str, place: str) -> bytes:
    """Open what `seal_value` made, or raise `apps.common.keyring.CannotOpen`."""
    version = int.from_bytes(sealed[:VERSION_BYTES], "big")
    key = _key(current_tenant_id(), purpose, version)
    return keyring.open_sealed(key, sealed[VERSION_BYTES:], place=place)


def _newest_key(tenant_id: UUID, purpose: str) -> tuple[int, bytes]:
    row = _rows().filter(purpose=purpose).order_by("-version").first()
    if row is None:
        row = _create(tenant_id, purpose)
    return row.version, _key(tenant_id, purpose, row.version)


@lru_cache(maxsize=4096)
def _key(tenant_id: UUID, purpose: str, version: int) -> bytes:
    row = _rows().filter(purpose=purpose, version=version).first()
    if row is None:
        raise keyring.CannotOpen(f"there is no key {purpose} v{version} for this tenant")
    provider = provider_named(row.provider)
    return provider.unwrap(
        bytes(row.wrapped), key_id=row.key_id, place=_place(tenant_id, purpose, version)
    )


def _create(tenant_id: UUID, purpose: str) -> "DataKey":
    """The first key for a purpose. Two who create it at once agree on the one that was first."""
    provider = default_provider()
    key_id = provider.current_key_id()
    wrapped = provider.wrap(
        AESGCM.generate_key(bit_length=256),
        key_id=key_id,
        place=_place(tenant_id, purpose, FIRST_VERSION),
    )
    try:
        with transaction.atomic():
            return _rows().create(
                purpose=purpose,
                version=FIRST_VERSION,
                provider=provider.name,
                key_id=key_id,
                wrapped=wrapped,
            )
    except IntegrityError:
        return _rows().get(purpose=purpose, version=FIRST_VERSION)


def _place(tenant_id: UUID, purpose: str, version: int) -> str:
    return f"{tenant_id}/{purpose}/{version}"


def _rows() -> "models.Manager[DataKey]":
    # Fields of custody's own models seal through this module, so the model is looked up by name.
    manager: models.Manager[DataKey] = apps.get_model("custody", "DataKey").objects
    return manager
