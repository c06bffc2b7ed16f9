"""Issuing, checking, revealing and ending bearer tokens.

A token reads `bwk_<tenant>_<secret>`: the tenant tells whose row to look for, the secret has 256
bits. The database holds SHA-256 of the whole; a slow hash adds nothing to a random secret.
"""

import base64
import hashlib
import ipaddress
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
from django.db import transaction

from apps.accounts.models import User
from apps.common.actors import Actor
from apps.common.clock import not_before
from apps.common.errors import Conflict, Denied, NotFound
from apps.common.scope import current_tenant_id
from apps.custody.access import emergency_access
from apps.custody.errors import AddressRefused, TokenRefused
from apps.custody.models import IssuedToken
from apps.ledger import services as ledger

PREFIX = "bwk"


def issue_token(
    *,
    actor: Actor,
    holder: User,
    kind: str,
    name: str,
    scope: dict[str, Any],
    networks: list[str],
    now: datetime,
    expires_at: datetime,
    origin_id: UUID | None = None,
) -> tuple[IssuedToken, str]:
    """A new token and its secret text. An emergency token also keeps the text, sealed, for its
    holder to fetch; an API token's is returned here and nowhere else."""
    text = f"{PREFIX}_{_short(current_tenant_id())}_{secrets.token_urlsafe(32)}"
    token = IssuedToken.objects.create(
        holder=holder,
        kind=kind,
        name=name,
        origin_id=origin_id,
        digest=digest_of(text),
        secret=text if kind == IssuedToken.Kind.EMERGENCY else "",
        scope=scope,
        networks=networks,
        issued_at=now,
        expires_at=expires_at,
    )
    ledger.record(
        actor=actor,
        action="custody.token.issued",
        target=token,
        at=now,
        data={"kind": kind, "holder": str(holder.pk), "until": expires_at.isoformat()},
    )
    return token, text


def check_token(text: str, *, kind: str, address: str, now: datetime) -> IssuedToken:
    """The live token that the text proves, for a call from `address`. Raises `TokenRefused`.

    Needs the token's tenant in scope (see `tenant_of`). Time is the later of `now` and the
    database's.
    """
    token = IssuedToken.objects.filter(digest=digest_of(text), kind=kind).first()
    if token is None:
        raise TokenRefused("This token is unknown.")
    if token.ended_at is not None:
        raise TokenRefused("This token was ended.")
    if not_before(now) >= token.expires_at:
        raise TokenRefused("This token has expired.")
    if token.networks and not is_inside(address, token.networks):
        raise AddressRefused("This token may not be used from this address.")
    return token


@transaction.atomic
def reveal_secret(*, actor: User, token_id: UUID, now: datetime) -> str:
    """Show an emergency token to its holder, once. Raises `NotFound`, `Denied`, `Conflict`."""
    token = IssuedToken.objects.select_for_update().filter(pk=token_id).first()
    if token is None:
        raise NotFound("There is no such token here.")
    if token.holder_id != actor.pk:
        raise Denied("Only its holder may see this token.", rule="token-holder-only")
    if token.ended_at is not None or not_before(now) >= token.expires_at:
        raise Conflict("This token has ended already.")
    if token.revealed_at is not None:
        raise Conflict("This token was shown already. End the access and ask again if it is lost.")
    token.revealed_at = now
    token.save(update_fields=["revealed_at"])
    ledger.record(actor=actor, action="custody.token.revealed", target=token, at=now)
    with emergency_access():
        return str(token.secret)


@transaction.atomic
def set_networks(
    *, actor: Actor, token_id: UUID, networks: list[str], now: datetime
) -> IssuedToken:
    """Let an API token be used from these networks only; from everywhere when there are none.

    Raises `NotFound`. For one that ended it changes what is shown and nothing else.
    """
    rows = IssuedToken.objects.select_for_update().filter(kind=IssuedToken.Kind.API)
    token = rows.filter(pk=token_id).first()
    if token is None:
        raise NotFound("There is no such API token here.")
    token.networks = networks
    token.save(update_fields=["networks"])
    ledger.record(
        actor=actor,
        action="custody.token.fenced",
        target=token,
        at=now,
        data={
            "count": len(networks),
            "networks": hashlib.sha256(rfc8785.dumps(networks)).hexdigest(),
        },
    )
    return token


@transaction.atomic
def end_token(*, actor: Actor, token_id: UUID, now: datetime) -> IssuedToken:
    """Make a token worthless from this commit on. Ending twice changes nothing."""
    token = IssuedToken.objects.select_for_update().filter(pk=token_id).first()
    if token is None:
        raise NotFound("There is no such token here.")
    if token.ended_at is None:
        token.ended_at = now
        token.save(update_fields=["ended_at"])
        ledger.record(actor=actor, action="custody.token.ended", target=token, at=now)
    return token


def is_dead(token: IssuedToken, *, address: str, now: datetime) -> bool:
    """Present the kept secret at the check that callers meet; true when it is refused."""
    with emergency_access():
        secret = str(token.secret)
    try:
        check_token(secret, kind=token.kind, address=address, now=now)
    except TokenRefused:
        return True
    return False


def is_emergency(text: str) -> bool:
    """Whether the text belongs to an emergency token, alive or not; needs its tenant in scope."""
    kind = IssuedToken.Kind.EMERGENCY
    return IssuedToken.objects.filter(digest=digest_of(text), kind=kind).exists()


def tenant_of(text: str) -> UUID | None:
    """The tenant that a token's text names; None when it is not one of our tokens."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != PREFIX:
        return None
    try:
        return UUID(bytes=base64.b32decode(f"{parts[1].upper()}======"))
    except ValueError:
        return None


def digest_of(text: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(text.encode()).digest()


def _short(tenant_id: UUID) -> str:
    return base64.b32encode(tenant_id.bytes).decode().rstrip("=").lower()


def is_inside(address: str, networks: list[str]) -> bool:
    """Whether one of the networks holds the address; never for what is no address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in ipaddress.ip_network(network) for network in networks)
