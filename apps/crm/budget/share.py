"""What one process may send while Valkey cannot be asked: little, so that all together stay low.

Nobody counts the others then. Each process takes one hundredth of what was left when the org last
told it, never more than a hundred calls an hour, two at a time.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

HOUR_SECONDS = 3600.0
PARTS, MOST, UNKNOWN = 100, 100, 10
AT_ONCE = 2


@dataclass
class Share:
    """One org's share of this process, for the running hour."""

    began: float = field(default_factory=time.monotonic)
    spent: int = 0
    running: int = 0


class Full(Exception):
    """The share does not allow this call; `wait_seconds` says for how long."""

    def __init__(self, wait_seconds: float, *, is_busy: bool) -> None:
        super().__init__("the local share is full")
        self.wait_seconds = wait_seconds
        self.is_busy = is_busy


_shares: dict[UUID, Share] = {}
_lock = threading.Lock()


@contextmanager
def taking(connection_id: UUID, *, left: int | None) -> Iterator[None]:
    """Hold one call of the share. `left` is what the org had left; null when unknown."""
    with _lock:
        share = _current(connection_id)
        _require_room(share, left)
        share.spent += 1
        share.running += 1
    try:
        yield
    finally:
        with _lock:
            share.running -= 1


def _current(connection_id: UUID) -> Share:
    share = _shares.setdefault(connection_id, Share())
    if time.monotonic() - share.began > HOUR_SECONDS:
        share.began, share.spent = time.monotonic(), 0
    return share


def _require_room(share: Share, left: int | None) -> None:
    most = UNKNOWN if left is None else min(MOST, max(0, left) // PARTS)
    if share.spent >= most:
        raise Full(share.began + HOUR_SECONDS - time.monotonic(), is_busy=False)
    if share.running >= AT_ONCE:
        raise Full(1.0, is_busy=True)
