"""The checks of `make test` and `make lint`, one line each; their words only when they fail."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
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


LINT = (
    Step("style (ruff)", (program("ruff"), "check", ".")),
    Step("format (ruff)", (program("ruff"), "format", "--check", ".", "--exclude", "*.md")),
    Step("types (mypy --strict)", (program("mypy"), "apps", "console", "tests")),
    Step("import contracts", (program("lint-imports"),)),
)
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
    began = time.monotonic()
    print(f"{step.name:<40}", end="", flush=True)
    result = subprocess.run(
        step.command,
        cwd=PROJECT,
        env={**env, **step.env},
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    passed = result.returncode == 0
    print(f"{time.monotonic() - began:6.1f} s  {'ok' if passed else 'FAILED'}", flush=True)
    if not passed:
        print(result.stdout, flush=True)
    return passed
