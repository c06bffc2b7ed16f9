"""The gate before every API request: the org's budget and how many calls run at once.

The budget is one for all workers and lives in Valkey. Ordinary calls are refused here, before they
would touch the reserve; calls for emergency access may spend it to the end, and find two places
free when ordinary calls fill all of theirs. Without Valkey each process keeps to a small share of
its own, emergencies included, since nobody counts the others.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from apps.common.clock import database_now
from apps.crm import errors
from apps.crm.budget import scripts, share
from apps.crm.client.transport import CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS, Slip

Purpose = Literal["ordinary", "emergency"]
LEASE_SECONDS = CONNECT_SECONDS + READ_SECONDS + WHOLE_SECONDS + 5
LOOK_AGAIN = timedelta(minutes=15)  # a spent budget is looked at by one call this often
WAIT_SECONDS = 10.0
EMERGENCY_PLACES = 2
_jitter = secrets.SystemRandom()


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """An org's budget as its connection's row has it."""

    connection_id: UUID
    host: str
    reserve_percent: int
    calls_at_once: int
    used: int | None
    allowed: int | None
    seen_at: datetime | None

    @property
    def reserve(self) -> int | None:
        """Requests kept for emergencies, rounded up; null when the allowance is unknown."""
        if self.allowed is None:
            return None
        return -(-self.allowed * self.reserve_percent // 100)


@dataclass(frozen=True, slots=True)
class Standing:
    """What Valkey knows now: requests used and allowed, calls running."""

    used: int | None
    allowed: int | None
    running: int


class Gate:
    """Lets one session's API requests through, or refuses them."""

    def __init__(self, allowance: Allowance, *, purpose: Purpose = "ordinary") -> None:
        self._allowance = allowance
        self._is_emergency = purpose == "emergency"

    @contextmanager
    def passing(self) -> Iterator[Slip]:
        """Hold a place while one request runs. Raises `BudgetSpent`, `ConcurrencyReached`."""
        lease, slip = secrets.token_hex(12), Slip()
        try:
            began = self._entered(lease)
        except RedisError:
            with self._own_share():
                yield slip
            return
        try:
            yield slip
        finally:
            self._leave(lease, began, slip)

    def _entered(self, lease: str) -> int:
        """The moment of entry by Valkey's clock, in milliseconds."""
        give_up_at = time.monotonic() + WAIT_SECONDS
        while True:
            verdict, figure = _run("ENTER", self._allowance.connection_id, *self._asked(lease))
            if verdict == b"in":
                return int(figure)
            if verdict == b"spent":
                raise _spent(self._allowance.host, timedelta(milliseconds=int(figure)))
            if time.monotonic() > give_up_at:
                raise _busy(self._allowance.host)
            time.sleep(_jitter.uniform(0.01, 0.1))

    def _asked(self, lease: str) -> list[str | int]:
        plan = self._allowance
        places = plan.calls_at_once + (EMERGENCY_PLACES if self._is_emergency else 0)
        known = plan.allowed is not None and plan.seen_at is not None
        age = database_now() - plan.seen_at if plan.seen_at else timedelta(0)
        return [
            lease,
            places,
            int(LEASE_SECONDS * 1000),
            plan.reserve_percent,
            int(self._is_emergency),
            int(LOOK_AGAIN.total_seconds() * 1000),
            plan.used or 0,
            str(plan.allowed) if known else "",
            max(0, int(age.total_seconds() * 1000)),
        ]

    def _leave(self, lease: str, began: int, slip: Slip) -> None:
        used, allowed = slip.usage or ("", "")
        try:
            _run("LEAVE", self._allowance.connection_id, lease, began, used, allowed)
        except RedisError:
            return  # the lease ends by itself

    @contextmanager
    def _own_share(self) -> Iterator[None]:
        plan, left = self._allowance, None
        if plan.allowed is not None:
            kept = 0 if self._is_emergency else plan.reserve or 0
            left = plan.allowed - (plan.used or 0) - kept
        try:
            held = share.taking(plan.connection_id, left=left)
            held.__enter__()
        except share.Full as full:
            if full.is_busy:
                raise _busy(plan.host) from None
            raise _spent(plan.host, timedelta(seconds=full.wait_seconds)) from None
        try:
            yield
        finally:
            held.__exit__(None, None, None)


def standing(connection_id: UUID) -> Standing | None:
    """What is used, allowed and running now; None when Valkey cannot be asked."""
    try:
        used, allowed, running = _run("LOOK", connection_id)
    except RedisError:
        return None
    return Standing(_number(used), _number(allowed), int(running))


def tell(connection_id: UUID, *, used: int, allowed: int) -> None:
    """Take in what the org told besides its answers; it can only raise what was counted here."""
    try:
        _run("LEAVE", connection_id, "", 0, used, allowed)
    except RedisError:
        return  # nothing is kept, and each process keeps to its small share


def _number(told: bytes) -> int | None:
    return int(told) if told else None


def _spent(host: str, wait: timedelta) -> errors.BudgetSpent:
    return errors.BudgetSpent(
        f"The console keeps the rest of the API requests of {host} for emergency access. Ordinary"
        f" calls are looked at again in {max(1, round(wait.total_seconds() / 60))} minutes.",
        retry_at=database_now() + wait,
    )


def _busy(host: str) -> errors.ConcurrencyReached:
    return errors.ConcurrencyReached(
        f"The console has as many calls to {host} running as it may. It passes within seconds."
    )


def _run(name: str, connection_id: UUID, *arguments: str | int) -> Any:
    keys = [f"bailiwick:crm:{part}:{connection_id}" for part in ("budget", "running")]
    return _scripts(settings.CACHE_URL)[name](keys=keys, args=list(arguments))


@cache
def _scripts(url: str) -> dict[str, Any]:
    valkey = Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)
    names = ("ENTER", "LEAVE", "LOOK")
    return {name: valkey.register_script(getattr(scripts, name)) for name in names}
