"""What every host knows of an access when the database cannot be told: a flag in Valkey.

It stands from the moment an access opens. So a Valkey that lost it (a restart, an eviction) does
not look like one that was never told of a stop.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

OPEN, STOPPED = "open", "stopped"
_LONGER = timedelta(minutes=1)  # than the access itself


def set_flag(request_id: UUID, value: str, *, life: timedelta) -> None:
    """Tell every host now. Raises `RedisError`."""
    cache.set(_key(request_id), value, timeout=(life + _LONGER).total_seconds())


def set_flag_on_commit(
    request_id: UUID, value: str, *, until: datetime | None, now: datetime
) -> None:
    """Tell every host once the open transaction is committed; what Valkey does not take is logged.

    A missing flag keeps spooled calls out, and the request's own row rules all others.
    """
    if until is not None and until > now:
        life = until - now
        transaction.on_commit(lambda: set_flag(request_id, value, life=life), robust=True)


def flag_of(request_id: UUID) -> str | None:
    """`OPEN` or `STOPPED`; None when Valkey cannot be asked or does not know."""
    try:
        found: str | None = cache.get(_key(request_id))
    except RedisError:
        return None
    return found


def _key(request_id: UUID) -> str:
    return f"breakglass/access/{request_id}"
