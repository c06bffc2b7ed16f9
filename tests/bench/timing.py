"""How long a thing takes, told so that a busy machine does not decide the number."""

import statistics
import time
from collections.abc import Callable


def seconds_each(act: Callable[[], object], *, times: int, rounds: int = 5) -> float:
    """Seconds per call: the median of several rounds, after one round that warms what is kept."""
    found = [_round(act, times) for _ in range(rounds + 1)]
    return statistics.median(found[1:]) / times


def seconds_once(act: Callable[[], object]) -> float:
    """Seconds of a single call, for what takes seconds itself."""
    return _round(act, 1)


def _round(act: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        act()
    return time.perf_counter() - began
