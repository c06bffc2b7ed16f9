"""Date functions: the part of a moment that rows are grouped or filtered by. UTC throughout."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from apps.sandbox.schema.fields import Field
from apps.sandbox.times import read_stamp

Reader = Callable[[dict[str, Any]], Any]
_PARTS: dict[str, Callable[[datetime], Any]] = {
    "CALENDAR_YEAR": lambda at: at.year,
    "CALENDAR_QUARTER": lambda at: (at.month + 2) // 3,
    "CALENDAR_MONTH": lambda at: at.month,
    "DAY_IN_MONTH": lambda at: at.day,
    "DAY_IN_WEEK": lambda at: at.isoweekday() % 7 + 1,  # Sunday is the first
    "DAY_IN_YEAR": lambda at: at.timetuple().tm_yday,
    "DAY_ONLY": lambda at: f"{at:%Y-%m-%d}",
    "HOUR_IN_DAY": lambda at: at.hour,
    "WEEK_IN_MONTH": lambda at: (at.day + 6) // 7,
    "WEEK_IN_YEAR": lambda at: (at.timetuple().tm_yday + 6) // 7,
}


def is_date_function(name: str) -> bool:
    """Whether this is one of the functions of dates."""
    return name in _PARTS


def field_of(name: str) -> Field:
    """What such a function gives, as a field to compare with."""
    return Field(name=name, type="date" if name == "DAY_ONLY" else "int")


def reader_of(name: str, read: Reader) -> Reader:
    """Reads the part of the moment that `read` finds; nothing of nothing."""
    part = _PARTS[name]

    def found(record: dict[str, Any]) -> Any:
        value = read(record)
        return None if value is None else part(read_stamp(value))

    return found
