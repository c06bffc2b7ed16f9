"""API tokens of people: made for themselves, with no more power than they have."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import rfc8785
from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common import powers
from apps.common.errors import Invalid, NotFound
from apps.common.text import require_text
from apps.custody import policies, tokens
from apps.custody.models import IssuedToken

LONGEST_DAYS = 90
NAME_LENGTH = 80
DECISION = "custody.token.make"


@transaction.atomic
def make_api_token(
    *,
    actor: User,
    name: str,
    wanted: Iterable[str],
    days: int,
    factor: FreshFactor,
    now: datetime,
) -> tuple[IssuedToken, str]:
    """A token for the actor's own use, and its text, which is shown once.

    Raises `Invalid` naming the field, `Denied`, `FactorRefused`.
    """
    name = require_text(name, field="name", label="The name", at_most=NAME_LENGTH)
    chosen = _known_powers(wanted)
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"Choose between 1 and {LONGEST_DAYS} days.", field="days")
    policies.may_make_api_token(actor=actor, wanted=chosen).require()
    subject = subject_of(name=name, wanted=chosen, days=days)
    accounts.spend_factor(factor=factor, user=actor, decision=DECISION, subject=subject, now=now)
    return tokens.issue_token(
        actor=actor,
        holder=actor,
        kind=IssuedToken.Kind.API,
        name=name,
        scope={"powers": sorted(chosen)},
        networks=[],
        now=now,
        expires_at=now + timedelta(days=days),
    )


def subject_of(*, name: str, wanted: Iterable[str], days: int) -> str:
    """What a factor for a token is bound to: SHA-256 of all that was chosen (RFC 8785)."""
    chosen: dict[str, Any] = {"name": name.strip(), "powers": sorted(wanted), "days": days}
    return hashlib.sha256(rfc8785.dumps(chosen)).hexdigest()


@transaction.atomic
def end_api_token(*, actor: User, token_id: UUID, now: datetime) -> IssuedToken:
    """End an API token. Raises `NotFound`, `Denied`."""
    token = IssuedToken.objects.filter(pk=token_id, kind=IssuedToken.Kind.API).first()
    if token is None:
        raise NotFound("There is no such API token here.")
    policies.may_end_api_token(actor=actor, token=token).require()
    return tokens.end_token(actor=actor, token_id=token.pk, now=now)


def _known_powers(wanted: Iterable[str]) -> frozenset[str]:
    chosen = frozenset(wanted)
    if not chosen:
        raise Invalid("Choose at least one thing that the token may do.", field="powers")
    unknown = chosen - powers.WORDS.keys()
    if unknown:
        raise Invalid("One of the chosen powers does not exist.", field="powers")
    return chosen
