"""Tell the reader what is being done and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(words: str = "") -> None:
    """One line, at once."""
    print(words, flush=True)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Name the work before it begins and give its seconds when it is done."""
    began = time.monotonic()
    print(f"  {what:<44}", end="", flush=True)
    try:
        yield
    except BaseException:
        print("not done", flush=True)
        raise
    print(f"{time.monotonic() - began:6.1f} s", flush=True)
