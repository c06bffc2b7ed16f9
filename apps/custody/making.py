"""Making signing keys: the first of a purpose at first need, later ones by rotation."""

import json
import uuid
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.db import connection, transaction

from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Invalid, NotFound
from apps.common.keyring import CannotOpen
from apps.common.scope import scoped
from apps.custody import envelope
from apps.custody.models import SigningKey
from apps.custody.providers import tokens
from apps.ledger import services as ledger
from apps.tenancy.selectors import list_tenant_ids

LONGEST_OVERLAP = timedelta(days=30)


def first_key(purpose: str, algorithm: str, *, token: str = "") -> SigningKey:
    """The purpose's first key, made now unless somebody just did.

    The serving role may not insert keys: a database function takes a first one and ignores a
    second. `token` names the provider inside which the key is to be made and to stay.
    """
    draft = _draft(purpose, algorithm, version=1, token=token)
    with connection.cursor() as cursor:
        cursor.execute(
            "select custody_first_signing_key(%s, %s, %s, %s, %s::jsonb, %s, %s)",
            [
                draft.pk,
                draft.purpose,
                draft.algorithm,
                bytes(draft.public),
                json.dumps(draft.wraps),
                draft.token_provider,
                draft.token_label,
            ],
        )
    return SigningKey.objects.filter(purpose=purpose).order_by("version")[0]


def may_rotate() -> bool:
    """Whether this process is connected with a role that may write keys (the schema's owner)."""
    with connection.cursor() as cursor:
        cursor.execute("select has_table_privilege('custody_signingkey', 'INSERT')")
        return bool(cursor.fetchone()[0])


@transaction.atomic
def rotate_signing_key(*, purpose: str, overlap: timedelta, now: datetime) -> SigningKey:
    """A new key that signs from now on; the old ones go on signing for `overlap`, then stop.

    Every tenant's ledger tells of it while the old key still signs. Raises `NotFound` before a
    first key exists, `Invalid` for an overlap that is negative or longer than thirty days.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Invalid("The overlap is between 0 and 720 hours.", field="overlap_hours")
    with connection.cursor() as cursor:
        cursor.execute("lock table custody_signingkey in share row exclusive mode")
    now = max(now, database_now())
    newest = SigningKey.objects.filter(purpose=purpose).order_by("-version").first()
    if newest is None:
        raise NotFound(f"There is no key for {purpose} yet: the first is made at first need.")
    made = _draft(
        purpose, newest.algorithm, version=newest.version + 1, token=newest.token_provider
    )
    made.active_from = now
    made.save(force_insert=True)
    signing = SigningKey.objects.filter(purpose=purpose).exclude(pk=made.pk)
    ends = max(now + overlap, newest.active_from + timedelta(microseconds=1))
    signing.filter(active_until__isnull=True).update(active_until=ends)
    signing.filter(active_until__gt=ends, active_from__lt=ends).update(active_until=ends)
    _tell_everyone(made, newest, ends=ends, now=now)
    return made


def open_private(row: SigningKey) -> bytes:
    """The private half: an Ed25519 seed, or PKCS #8 DER. Raises as `envelope.unwrap` does."""
    wraps = [envelope.Wrap.from_json(each) for each in row.wraps]
    return envelope.unwrap(wraps, place=place_of(row.purpose, row.version))


def place_of(purpose: str, version: int) -> str:
    """What a wrapped private half is bound to."""
    return f"signing/{purpose}/{version}"


def _draft(purpose: str, algorithm: str, *, version: int, token: str) -> SigningKey:
    row = SigningKey(purpose=purpose, algorithm=algorithm, version=version)
    if token:
        row.token_provider = token
        row.token_label = f"{purpose}-{version}-{uuid.uuid4().hex[:8]}"
        row.public = tokens.token_named(token).make_signing_key(row.token_label)
        return row
    row.public, private = _pair(algorithm)
    wraps = envelope.wrap(private, purpose=purpose, place=place_of(purpose, version))
    row.wraps = [each.to_json() for each in wraps]
    return row


def _pair(algorithm: str) -> tuple[bytes, bytes]:
    """Public and private half: raw for Ed25519; SubjectPublicKeyInfo and PKCS #8 for P-256."""
    if algorithm == SigningKey.Algorithm.ED25519:
        edwards = Ed25519PrivateKey.generate()
        return edwards.public_key().public_bytes_raw(), edwards.private_bytes_raw()
    curve = ec.generate_private_key(ec.SECP256R1())
    return (
        curve.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        curve.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    )


def handover(public: str, ends: str) -> bytes:
    """What an old key signs about the next one: its public half in hex, and its own end.

    Whoever may append to a ledger could write an entry of this name; none but the old key's holder
    can sign it. The ledger's verifier builds the same bytes.
    """
    return f"bailiwick/signing-key/v1\n{public}\n{ends}\n".encode()


def _signed_by(old: SigningKey, public: str, ends: str) -> dict[str, str]:
    """The old key's word for the next one. A key that is lost is replaced without it: then readers
    have to get the new one by another way. The ledger's readers follow Ed25519 keys alone."""
    if old.algorithm != SigningKey.Algorithm.ED25519 or old.token_provider:
        return {}
    try:
        key = Ed25519PrivateKey.from_private_bytes(open_private(old))
    except CannotOpen:
        return {}
    return {"signature": key.sign(handover(public, ends)).hex()}


def _tell_everyone(made: SigningKey, old: SigningKey, *, ends: datetime, now: datetime) -> None:
    public, until = bytes(made.public).hex(), ends.isoformat()
    said = {
        "purpose": made.purpose,
        "version": made.version,
        "public": public,
        "before": bytes(old.public).hex(),
        "before_until": until,
        **_signed_by(old, public, until),
    }
    for tenant_id in list_tenant_ids():
        with scoped(tenant_id=tenant_id):
            ledger.record(
                actor=ServiceActor("custody"),
                action="custody.signing_key.rotated",
                target=made,
                at=now,
                data=said,
            )
