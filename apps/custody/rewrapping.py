"""Bringing wraps up to date after the providers changed: no value is touched, only wrapped keys.

Covers a provider that was added, one that was taken out of the settings' list, a new
key-encryption key, and what a silent provider missed. Repeating it changes nothing.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.common.clock import database_now
from apps.custody import envelope, making, outer, providers, sealing
from apps.custody.envelope import Wrap
from apps.custody.models import DataKey, SigningKey, TenantKey
from apps.custody.providers.base import KeysRefused, KeysUnavailable
from apps.ledger import services as ledger


def list_stale() -> list[UUID]:
    """Data keys of the open tenant whose wraps are not the configured ones, oldest first."""
    rows = DataKey.objects.order_by("created_at", "id")
    return [row.pk for row in rows if is_stale(row.wraps, row.purpose)]


def is_stale(wraps: Iterable[dict[str, Any]], purpose: str) -> bool:
    """Whether the wraps differ from one by each configured provider under its current key."""
    have = {(each["provider"], each["key_id"]) for each in wraps}
    want = {(each.name, each.current_key_id()) for each in providers.providers_for(purpose)}
    return have != want


@transaction.atomic
def rewrap_data_key(key_id: UUID) -> bool:
    """Rewrap one data key; True once every configured provider holds it.

    Works while the tenant's own key is revoked too: what is inside stays wrapped by it.
    """
    row = DataKey.objects.select_for_update().get(pk=key_id)
    place = sealing.place_of(row.tenant_id, row.purpose, row.version)  # type: ignore[arg-type]
    wraps, complete = renewed(row.wraps, purpose=row.purpose, place=place)
    if wraps != row.wraps:
        row.wraps = wraps
        row.save(update_fields=["wraps"])
        ledger.record(
            actor=sealing.KEEPER,
            action="custody.key.rewrapped",
            target=row,
            at=database_now(),
            data={"purpose": row.purpose, "providers": [each["provider"] for each in wraps]},
        )
    return complete


@transaction.atomic
def rewrap_own_key() -> None:
    """Rewrap the tenant's own supplied key, if it has one that is not revoked."""
    row = TenantKey.objects.select_for_update().filter(replaced_at=None, revoked_at=None).first()
    if row is not None and row.wraps:
        row.wraps, _ = renewed(row.wraps, purpose=outer.OWN_KEYS, place=outer.place_of(row))
        row.save(update_fields=["wraps"])


@transaction.atomic
def rewrap_signing_keys() -> int:
    """Rewrap the installation's signing keys, as the schema's owner. Says how many changed."""
    changed = 0
    for row in SigningKey.objects.select_for_update().exclude(wraps=[]):
        place = making.place_of(row.purpose, row.version)
        wraps, _ = renewed(row.wraps, purpose=row.purpose, place=place)
        if wraps != row.wraps:
            row.wraps = wraps
            row.save(update_fields=["wraps"])
            changed += 1
    return changed


def renewed(
    wraps: list[dict[str, Any]], *, purpose: str, place: str
) -> tuple[list[dict[str, Any]], bool]:
    """The wraps as they should be, as far as the providers answer, and whether that is complete.

    Nothing is dropped before every configured provider holds the key.
    """
    known = [Wrap.from_json(each) for each in wraps]
    key = envelope.unwrap(known, place=place)
    good, missed = [], False
    for provider in providers.providers_for(purpose):
        current = (provider.name, provider.current_key_id())
        have = next((each for each in known if (each.provider, each.key_id) == current), None)
        try:
            good.append(have or envelope.wrap_by(provider, key, place=place))
        except (KeysUnavailable, KeysRefused):
            missed = True
    kept = [each for each in known if each not in good] if missed else []
    return [each.to_json() for each in (*good, *kept)], not missed
