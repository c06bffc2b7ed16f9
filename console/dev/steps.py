"""The checks of `make test` and `make lint`, one line each; their words only when they fail."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from console.dev.paths import PROJECT

SCRIPTS = Path(sys.executable).parent  # of this virtual environment


@dataclass(frozen=True)
class Step:
    """One check: a name to print, a command, and what its environment adds."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


def program(name: str) -> str:
    """A program of the virtual environment."""
    return str(SCRIPTS / name)


def manage(*arguments: str) -> tuple[str, ...]:
    """The command line of a Django command."""
    return (sys.executable, str(PROJECT / "manage.py"), *arguments)


STYLE = (
    Step("style (ruff)", (program("ruff"), "check", ".")),
    Step("format (ruff)", (program("ruff"), "format", "--check", ".", "--exclude", "*.md")),
    Step("import contracts", (program("lint-imports"),)),
)
TYPES = Step("types (mypy --strict)", (program("mypy"), "apps", "console", "tests"))
LINT = (*STYLE, TYPES)
DJANGO = (
    Step(
        "production settings (check --deploy)",
        manage("check", "--deploy", "--fail-level", "WARNING"),
        {
            "DJANGO_ENV": "production",
            "ALLOWED_HOSTS": "console.example",
            "CUSTODY_ALLOW_KEYRING_FILE": "true",
        },
    ),
    Step("migrations (none missing)", manage("makemigrations", "--check", "--dry-run")),
)


def run_all(steps: Sequence[Step], env: Mapping[str, str]) -> int:
    """Run every step, also after one failed; the number of failures."""
    return sum(not run_one(step, env) for step in steps)


def run_one(step: Step, env: Mapping[str, str]) -> bool:
    """Run one step and print its line; what it said is shown if it failed."""
    with beside(step, env) as outcome:
        return outcome()


@contextmanager
def beside(step: Step, env: Mapping[str, str]) -> Iterator[Callable[[], bool]]:
    """Begin a step. What is given waits for its end, prints its line and says whether it passed.

    It is stopped when the block is left before its end."""
    with tempfile.TemporaryFile("w+") as words:
        process = subprocess.Popen(
            step.command,
            cwd=PROJECT,
            env={**env, **step.env},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
        )
        with ThreadPoolExecutor(1) as pool:
            seconds = pool.submit(_seconds_of, process)

            def outcome() -> bool:
                print(f"{step.name:<40}", end="", flush=True)
                took, passed = seconds.result(), process.returncode == 0
                print(f"{took:6.1f} s  {'ok' if passed else 'FAILED'}", flush=True)
                if not passed:
                    words.seek(0)
                    print(words.read(), flush=True)
                return passed

            try:
                yield outcome
            finally:
                process.kill()


def _seconds_of(process: subprocess.Popen[bytes]) -> float:
    began = time.monotonic()
    process.wait()
    return time.monotonic() - began
