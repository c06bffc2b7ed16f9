"""Who a request speaks for, before anything of theirs is read."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from apps.accounts.models import User
from apps.common.errors import NotFound

SESSION_TENANT = "tenant_id"


@dataclass(frozen=True, slots=True)
class Identity:
    """A claimed person and tenant. The scope middleware checks the membership.

    `powers` are those that a token names; they narrow what the person's roles give.
    """

    user_id: UUID | None = None
    tenant_id: UUID | None = None
    token_id: UUID | None = None
    powers: frozenset[str] = frozenset()


Recogniser = Callable[[HttpRequest], Identity | None]
_recognisers: list[Recogniser] = []


def recognise_with(recogniser: Recogniser) -> None:
    """Let a higher floor recognise another kind of credential (custody: bearer tokens)."""
    if recogniser not in _recognisers:
        _recognisers.append(recogniser)


def identify(request: HttpRequest) -> Identity:
    """The first recogniser's answer, else the session's."""
    for recogniser in _recognisers:
        identity = recogniser(request)
        if identity is not None:
            return identity
    return _from_session(request)


def acting(request: HttpRequest) -> User:
    """The person behind a request that passed the gate."""
    user = request.user
    if not isinstance(user, User):
        raise NotFound("Nobody is signed in.")
    return user


def _from_session(request: HttpRequest) -> Identity:
    return Identity(
        user_id=_uuid(request.session.get(SESSION_KEY)),
        tenant_id=_uuid(request.session.get(SESSION_TENANT)),
    )


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
