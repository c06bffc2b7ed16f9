"""A provider that did not answer is left alone for a while, so that nobody queues behind it."""

import time
from collections.abc import Callable

REST_S = 5.0
_resting: dict[str, float] = {}


def is_resting(name: str, *, clock: Callable[[], float] = time.monotonic) -> bool:
    """Whether the provider failed within the last `REST_S` seconds in this process."""
    return _resting.get(name, 0.0) > clock()


def failed(name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Let the provider rest."""
    _resting[name] = clock() + REST_S


def answered(name: str) -> None:
    """The provider is back."""
    _resting.pop(name, None)


def forget() -> None:
    """Let every provider be asked again."""
    _resting.clear()
