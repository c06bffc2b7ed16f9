"""Inside `spooling()` events go to this host's spool instead of the ledger, marked and signed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError

from apps.common.scope import scoped
from apps.ledger.spool import key, place, trouble


@dataclass(frozen=True, slots=True)
class Spooling:
    """Why the ledger cannot be written (a code of `trouble.py`), and who signs meanwhile."""

    why: str
    key: key.HostKey


_current: ContextVar[Spooling | None] = ContextVar("spooling", default=None)


@contextmanager
def spooling(*, tenant_id: UUID, why: str) -> Iterator[None]:
    """Record into the spool until the end of the block. Nothing but an emergency may ask for it.

    Call it with no scope open. Raises `CannotSpool` unless the tenant's ledger learned of this
    host's key beforehand.
    """
    host_key = key.host_key()
    with scoped(tenant_id=tenant_id):
        known = key.known_since(host_key.name)
    if known is None:
        raise place.CannotSpool(
            f"The ledger does not know the spool's key of {key.HOST}, so nothing was done."
        )
    token = _current.set(Spooling(why, host_key))
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Spooling | None:
    """What `spooling` opened, or None."""
    return _current.get()


def is_spooling() -> bool:
    """Whether events go to the spool now, because the ledger cannot be written."""
    return _current.get() is not None


@contextmanager
def waived() -> Iterator[None]:
    """What only saves time or tells how things stand may be left out while events are spooled.

    Never around an event or a decision. The block has to end a transaction of its own.
    """
    try:
        yield
    except DatabaseError as failure:
        if not (is_spooling() and trouble.code_of(failure)):
            raise
