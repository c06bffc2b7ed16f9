"""The time that a pack speaks for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Window:
    """From `start`, included, to `end`, excluded; both with zone."""

    start: datetime
    end: datetime
