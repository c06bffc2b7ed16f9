"""One supervisor for one data directory: a second one would stop the servers under the first."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.dev.trouble import Trouble


@contextmanager
def alone(data: Path, *, command: str) -> Iterator[None]:
    """Hold the directory's lock, or Trouble saying that the command already runs."""
    with (data / "supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise Trouble(f"{command} already runs on {data}: stop it first (Ctrl-C).") from busy
        yield
