"""A tenant's own key: supplied, rotated and revoked by the tenant itself.

Revoking takes effect with the transaction; processes that hold an unwrapped data key let go of it
within seconds (`remembering.CHECK_S`). Supplying the same key again restores everything.
"""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common import keyring
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.scope import current_tenant_id
from apps.custody import envelope, outer, policies, sealing
from apps.custody.models import DataKey, TenantKey
from apps.ledger import services as ledger

DECISION = "custody.own_key.change"
ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]{5,20}:[0-9]{12}:key/[A-Za-z0-9-]{1,64}")


@transaction.atomic
def supply_key(*, actor: User, given: str, factor: FreshFactor, now: datetime) -> TenantKey:
    """Put an own key around the tenant's data keys, replace the one there is, or restore it.

    `given` is 32 bytes in base64, or the ARN of a key in the tenant's AWS account. A revoked key is
    restored by the same key only. Raises `Denied`, `Invalid`, `Conflict`, `FactorRefused`, and what
    the providers raise.
    """
    policies.may_manage_keys(actor=actor).require()
    material = _read(given)
    _lock_tenants_keys()
    now_held = outer.current()
    _spend(actor, factor, "supply", now)
    if now_held is not None and _is_same(now_held, material):
        if now_held.revoked_at is None:
            raise Conflict("This very key is in use already.")
        return _restore(now_held, material, actor=actor, now=now)
    if now_held is not None and now_held.revoked_at is not None:
        raise Invalid(
            "This is another key than the one that was revoked. Only that one opens what it "
            "protects.",
            field="key",
        )
    return _replace(now_held, material, actor=actor, now=now)


@transaction.atomic
def revoke_key(*, actor: User, factor: FreshFactor, now: datetime) -> TenantKey:
    """Take the own key back: what it protects is unreadable until it is supplied again.

    Raises `Denied`, `NotFound`, `Conflict`, `FactorRefused`.
    """
    policies.may_manage_keys(actor=actor).require()
    _lock_tenants_keys()
    row = outer.current()
    if row is None:
        raise NotFound("Your organisation has supplied no key of its own.")
    if row.revoked_at is not None:
        raise Conflict("The key is revoked already.")
    _spend(actor, factor, "revoke", now)
    row.wraps, row.revoked_at = [], now
    row.save(update_fields=["wraps", "revoked_at"])
    sealing.forget()
    _tell(row, "custody.own_key.revoked", actor=actor, now=now)
    return row


def _read(given: str) -> bytes | str:
    """Raw bytes, or an ARN. Raises `Invalid`."""
    text = given.strip()
    if ARN.fullmatch(text):
        return text
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != keyring.KEY_BYTES or len(set(raw)) < 8:
        raise Invalid(
            "Give 32 random bytes in base64 (openssl rand -base64 32), or the ARN of a KMS key.",
            field="key",
        )
    return raw


def _replace(
    old: TenantKey | None, material: bytes | str, *, actor: User, now: datetime
) -> TenantKey:
    """A new version around every covered data key, in this one transaction."""
    opened = [(row, sealing.open_key(row)) for row in _covered()]
    if old is not None:
        old.replaced_at = now
        old.save(update_fields=["replaced_at"])
    made = TenantKey(version=old.version + 1 if old else 1)
    _fill(made, material)
    made.save(force_insert=True)
    for row, key in opened:
        place = sealing.place_of(current_tenant_id(), row.purpose, row.version)
        inner = outer.wrap(made, key, place=place)
        wraps = envelope.wrap(inner, purpose=row.purpose, place=place)
        row.wraps, row.outer = [each.to_json() for each in wraps], made
        row.save(update_fields=["wraps", "outer"])
    if old is not None:  # nothing needs it any more
        TenantKey.objects.filter(pk=old.pk).update(wraps=[], revoked_at=now)
    action = "custody.own_key.replaced" if old else "custody.own_key.supplied"
    _tell(made, action, actor=actor, now=now)
    return made


def _restore(row: TenantKey, material: bytes | str, *, actor: User, now: datetime) -> TenantKey:
    _fill(row, material)
    row.revoked_at = None
    row.save(update_fields=["wraps", "revoked_at"])
    _tell(row, "custody.own_key.restored", actor=actor, now=now)
    return row


def _fill(row: TenantKey, material: bytes | str) -> None:
    if isinstance(material, str):
        row.kind, row.reference = TenantKey.Kind.KMS, material
        return
    row.kind, row.proof = TenantKey.Kind.SUPPLIED, _proof(material)
    wraps = envelope.wrap(material, purpose=outer.OWN_KEYS, place=outer.place_of(row))
    row.wraps = [each.to_json() for each in wraps]


def _is_same(row: TenantKey, material: bytes | str) -> bool:
    if isinstance(material, str):
        return row.reference == material
    return hmac.compare_digest(bytes(row.proof), _proof(material))


def _proof(material: bytes) -> bytes:
    """Tells whether 32 random bytes are the same ones; they cannot be found from it."""
    said = f"bailiwick/own-key/{current_tenant_id()}".encode()
    return hmac.new(material, said, hashlib.sha256).digest()


def _covered() -> list[DataKey]:
    rows = DataKey.objects.select_for_update(of=("self",)).select_related("outer").order_by("id")
    return [row for row in rows if outer.covers(row.purpose)]


def _lock_tenants_keys() -> None:
    """One change of own keys at a time; a data key made meanwhile waits as well."""
    list(DataKey.objects.select_for_update().order_by("id").values_list("pk", flat=True))


def _spend(actor: User, factor: FreshFactor, verb: str, now: datetime) -> None:
    accounts.spend_factor(factor=factor, user=actor, decision=DECISION, subject=verb, now=now)


def _tell(row: TenantKey, action: str, *, actor: User, now: datetime) -> None:
    ledger.record(
        actor=actor,
        action=action,
        target=row,
        at=now,
        data={"version": row.version, "kind": row.kind, "reference": row.reference},
    )
