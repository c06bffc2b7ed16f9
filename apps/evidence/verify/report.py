"""What a check came to: each step in words, the first failure as the exit code."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, TypeVar

Found = TypeVar("Found")
Outcome = Literal["good", "failed", "skipped"]


class Exit(IntEnum):
    """The exit codes of the verifier; 2 is left to wrong usage, as argparse has it."""

    GOOD = 0
    UNREADABLE = 3
    SIGNATURE = 4
    TIMESTAMP = 5
    MANIFEST = 6
    ANNEX = 7
    EVENT = 8
    ROOT = 9
    TRUST = 10
    LEDGER = 11


class Problem(Exception):
    """A step found something wrong: its kind, what it is in words, and where."""

    def __init__(self, kind: Exit, said: str, where: str = "") -> None:
        super().__init__(said)
        self.kind, self.said, self.where = kind, said, where


class Skipped(Exception):
    """A step could not run because an earlier one failed."""


@dataclass(frozen=True)
class Step:
    """One step of the check."""

    name: str
    outcome: Outcome
    said: str
    where: str = ""
    kind: Exit = Exit.GOOD


@dataclass
class Report:
    """All steps in order, what was not proved, and the roots that the seal leads to."""

    steps: list[Step] = field(default_factory=list)
    not_proved: list[str] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> Exit:
        """The kind of the first step that failed; good only when every step ran and passed."""
        failed = [step.kind for step in self.steps if step.outcome != "good"]
        return failed[0] if failed else Exit.GOOD

    def attempt(self, name: str, kind: Exit, work: Callable[[], tuple[str, Found]]) -> Found | None:
        """Run one step; ``work`` returns what to say and what it found.

        Whatever a hostile file makes a parser throw becomes a failed step of ``kind``: this is
        the one place that must catch everything.
        """
        try:
            said, found = work()
        except Problem as problem:
            self.steps.append(Step(name, "failed", problem.said, problem.where, problem.kind))
        except Skipped as reason:
            self.steps.append(Step(name, "skipped", f"not checked: {reason}", kind=kind))
        except Exception as error:  # noqa: BLE001 - see above
            said = f"could not be read ({error.__class__.__name__}: {str(error)[:200]})"
            self.steps.append(Step(name, "failed", said, kind=kind))
        else:
            self.steps.append(Step(name, "good", said))
            return found
        return None


def needed(value: Found | None, what: str) -> Found:
    """Return ``value``, or skip the step that cannot do without it."""
    if value is None:
        raise Skipped(f"{what} could not be read")
    return value
