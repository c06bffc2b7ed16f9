"""The checks: small functions that look at the open tenant's real state and say how it stands.

A check answers about what it read now. What it could not read is unknown, and so is a state that
has nothing to judge; neither is ever good.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apps.evidence.catalogue.content import controls
from apps.evidence.pack.content import Result

SENTENCE_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found, with a sentence for people. No personal data: ids, names of things."""

    result: Result
    sentence: str


Run = Callable[[datetime], Outcome]


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one control. `proof` names the page that shows what it looked at."""

    control: str
    name: str
    question: str
    proof: str
    run: Run


_checks: dict[str, Check] = {}


def check(control: str, name: str, question: str, *, proof: str = "") -> Callable[[Run], Run]:
    """Register a function as the check of a control. Raises `ValueError` for an unknown one."""

    def register(run: Run) -> Run:
        if control not in controls():
            raise ValueError(f"{name} checks {control}, which is not in the catalogue")
        if name in _checks:
            raise ValueError(f"two checks are named {name}")
        _checks[name] = Check(control, name, question, proof, run)
        return run

    return register


def all_checks() -> dict[str, Check]:
    """Every check by its name."""
    return dict(_checks)


def checks_of(control: str) -> list[Check]:
    """The checks of one control; none means that it is planned."""
    return [each for each in _checks.values() if each.control == control]


def good(sentence: str) -> Outcome:
    """All is as it should be."""
    return Outcome("good", sentence)


def attention(sentence: str) -> Outcome:
    """Somebody should look."""
    return Outcome("attention", sentence)


def danger(sentence: str) -> Outcome:
    """The control does not hold."""
    return Outcome("danger", sentence)


def unknown(sentence: str) -> Outcome:
    """It could not be told."""
    return Outcome("unknown", sentence)
