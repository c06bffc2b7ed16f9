"""The tenant's own key around its data keys: without it the providers open nothing of theirs.

Emergency credentials and personal values in the ledger stand outside, so that revoking the own key
can neither lock anybody out of an emergency nor take the record of one away.
"""

from typing import TYPE_CHECKING

from django.apps import apps

from apps.common import keyring
from apps.common.errors import Conflict
from apps.custody import envelope, providers
from apps.custody.providers.base import KeyProvider, Options

if TYPE_CHECKING:
    from apps.custody.models import TenantKey

OUTSIDE = frozenset({"custody.subjects"})
OWN_KEYS = "custody.own"  # the purpose whose providers keep supplied keys


class OwnKeyRevoked(Conflict):
    """The tenant took its own key back: what it protects cannot be read or written."""

    code = "own_key_revoked"
    title = "Your organisation's own key is revoked"


def covers(purpose: str) -> bool:
    """Whether keys of this purpose are wrapped by the tenant's own key."""
    return purpose not in OUTSIDE and not providers.is_emergency(purpose)


def current() -> "TenantKey | None":
    """The open tenant's own key, alive or revoked; None for most tenants."""
    row: TenantKey | None = (
        apps.get_model("custody", "TenantKey").objects.filter(replaced_at__isnull=True).first()
    )
    return row


def current_for(purpose: str) -> "TenantKey | None":
    """The own key that a new key of this purpose is to be wrapped by. Raises `OwnKeyRevoked`."""
    row = current() if covers(purpose) else None
    require_alive(row)
    return row


def require_alive(row: "TenantKey | None") -> None:
    """Raises `OwnKeyRevoked`."""
    if row is not None and row.revoked_at is not None:
        raise OwnKeyRevoked(
            "Your organisation revoked its own key. What it protects opens again once an "
            "administrator supplies the same key."
        )


def wrap(row: "TenantKey | None", key: bytes, *, place: str) -> bytes:
    """The data key wrapped by the own key; as it is when there is none."""
    if row is None:
        return key
    if row.kind == row.Kind.KMS:
        return _kms(row).wrap(key, key_id=row.reference, place=place)
    return keyring.seal(_material(row), key, place=place)


def unwrap(row: "TenantKey | None", inner: bytes, *, place: str) -> bytes:
    """The data key again. Raises `OwnKeyRevoked`, `CannotOpen`, and what the providers raise."""
    if row is None:
        return inner
    require_alive(row)
    if row.kind == row.Kind.KMS:
        return _kms(row).unwrap(inner, key_id=row.reference, place=place)
    return keyring.open_sealed(_material(row), inner, place=place)


def place_of(row: "TenantKey") -> str:
    """What a supplied key is bound to at rest."""
    return f"{row.tenant_id}/own/{row.version}"


def _material(row: "TenantKey") -> bytes:
    require_alive(row)
    return envelope.unwrap(map(envelope.Wrap.from_json, row.wraps), place=place_of(row))


def _kms(row: "TenantKey") -> KeyProvider:
    region = row.reference.split(":")[3]
    return providers.own_kms(Options("own", {"CUSTODY_OWN_KEY": row.reference}), region)
