"""One deviation that a look shows, before it is a finding."""

from dataclasses import dataclass, field
from typing import Any

ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with what, and how to mend it."""

    kind: str
    subject: str
    title: str
    level: str
    fix: str
    detail: dict[str, Any] = field(default_factory=dict)


def counted(count: int, noun: str) -> str:
    """A number with its noun: `1 app`, `2,000 apps`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
