"""How much work one file may cause, so that no file can stop a scan.

Code that nests thousands deep, or gives one name ten thousand values, makes honest readers slow.
A file that costs more than any of a person's making is told to be read in part only.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

MOST_STEPS = 20_000_000  # some hundred times what a file of a thousand lines takes
LONGEST_S = 10.0
DEEPEST = 6_000  # levels of a syntax tree; each string that is added to another is one
MOST_NODES = 600_000  # an Apex class has a million characters at most
CHARACTERS_A_STEP = 64


class NotFullyRead(Exception):
    """A file that was given up; the message says why."""


@dataclass(slots=True)
class _Effort:
    steps: int = MOST_STEPS
    until: float = field(default_factory=lambda: time.monotonic() + LONGEST_S)


_EFFORT: ContextVar[_Effort] = ContextVar("scan_effort")


@contextmanager
def one_file() -> Iterator[None]:
    """What is done inside is done for one file."""
    token = _EFFORT.set(_Effort())
    try:
        yield
    finally:
        _EFFORT.reset(token)


def spend(steps: int) -> None:
    """Count work. Raises `NotFullyRead` when the file had its share."""
    effort = _EFFORT.get(None)
    if effort is None:
        return
    effort.steps -= steps
    if effort.steps < 0 or time.monotonic() > effort.until:
        raise NotFullyRead("reading it in full takes too long")


def is_out_of_time() -> bool:
    """Whether the time of the file is over."""
    effort = _EFFORT.get(None)
    return effort is not None and time.monotonic() > effort.until


def seconds_left() -> int:
    """Whole seconds that the file may still take, one at least."""
    effort = _EFFORT.get(None)
    return max(1, math.ceil(effort.until - time.monotonic() if effort else LONGEST_S))
