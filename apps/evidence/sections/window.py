"""The time that a pack speaks for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Window:
    """From `start`, included, to `end`, excluded; both with zone."""

    start: datetime
    end: datetime


def day_and_time(at: datetime | None) -> str:
    """An instant as a pack prints it, in UTC."""
    return at.strftime("%Y-%m-%d %H:%M UTC") if at else "not known"
