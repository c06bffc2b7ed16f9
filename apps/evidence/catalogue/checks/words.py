"""Words that several checks share."""

from collections.abc import Sequence
from datetime import timedelta

MOST_NAMED = 3


def counted(number: int, noun: str) -> str:
    """`1 org`, `3 orgs`."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def named(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def ago(age: timedelta) -> str:
    """An age in whole days, hours or minutes."""
    for unit, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if age.total_seconds() >= unit:
            return f"{counted(int(age.total_seconds() // unit), name)} ago"
    return "just now"
