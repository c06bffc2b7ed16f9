"""A process of the console: its name, its log, how to wait for it and how to end it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from console.dev.paths import PROJECT
from console.dev.trouble import Trouble

SECONDS_TO_END = 15  # a worker finishes the task it holds; after that its group is killed
LINES_SHOWN = 20


@dataclass(frozen=True)
class Child:
    """A running process in a session of its own, so that Ctrl-C reaches only the supervisor."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self.process.poll() is not None

    def obituary(self) -> str:
        """What to tell the reader when it ended by itself."""
        code = self.process.returncode
        how = f"was ended by signal {-code}" if code and code < 0 else f"ended with code {code}"
        return f"{self.name} {how}; the end of {shown(self.log)}:\n{tail(self.log)}"

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Return once `ready()`; Trouble with the end of its log when it dies or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.has_ended():
                raise Trouble(self.obituary())
            if time.monotonic() > deadline:
                raise Trouble(
                    f"{self.name} was not ready after {seconds:.0f} seconds; "
                    f"the end of {shown(self.log)}:\n{tail(self.log)}"
                )
            time.sleep(0.1)

    def end(self) -> None:
        """Ask it to finish, then end whatever is left of its process group."""
        if not self.has_ended():
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=SECONDS_TO_END)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    output: Path | None = None,
) -> Child:
    """Start a process that writes to its log; `output` takes its standard output instead."""
    with log.open("wb") as words, (output or log).open("ab" if output is None else "wb") as out:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=words,
            start_new_session=True,
        )
    return Child(name, process, log)


def tail(log: Path) -> str:
    """The last lines of a log."""
    if not log.exists():
        return "(nothing)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-LINES_SHOWN:])


def shown(path: Path) -> str:
    """A path as a reader in the project's directory would write it."""
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)
