"""Unwrapped data keys in this process, for seconds.

Within `CHECK_S` a key is used without a question. After that its row is looked at again: a tenant
that revoked its own key is obeyed by every process within that time. After `KEEP_S` the providers
are asked again, so that a key disabled there stops working too.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

CHECK_S, KEEP_S, MOST = 3.0, 120.0, 4096
At = tuple[UUID, str, UUID]


@dataclass(slots=True)
class _Held:
    key: bytes
    stamp: str
    check_at: float
    until: float


_held: OrderedDict[At, _Held] = OrderedDict()
_lock = Lock()


def fresh(at: At) -> bytes | None:
    """The key when its row was looked at within `CHECK_S` seconds."""
    held = _held.get(at)
    return held.key if held and time.monotonic() < min(held.check_at, held.until) else None


def confirmed(at: At, stamp: str) -> bytes | None:
    """The key when it is still held and its row, just read, bears the same stamp."""
    held, now = _held.get(at), time.monotonic()
    if held is None or held.stamp != stamp or now >= held.until:
        return None
    held.check_at = now + CHECK_S
    return held.key


def keep(at: At, key: bytes, stamp: str) -> bytes:
    """Hold a key that was just unwrapped; the oldest goes when there are too many."""
    now = time.monotonic()
    with _lock:
        _held[at] = _Held(key, stamp, now + CHECK_S, now + KEEP_S)
        while len(_held) > MOST:
            _held.popitem(last=False)
    return key


def forget() -> None:
    """Hold nothing."""
    with _lock:
        _held.clear()
