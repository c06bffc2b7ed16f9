"""Dates and times in the forms the REST API writes and reads."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache


@lru_cache(maxsize=1024)  # seeding writes the same few moments thousands of times
def stamp(moment: datetime) -> str:
    """`2026-03-17T16:21:26.000+0000`, the form of every datetime field."""
    whole = moment.astimezone(UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{whole.microsecond // 1000:03d}+0000"


def iso_z(moment: datetime) -> str:
    """`2026-03-17T16:21:26.000Z`, the form of Connect REST."""
    return stamp(moment).replace("+0000", "Z")


def read_stamp(text: str) -> datetime:
    """Read an ISO datetime with a zone in any of the forms clients send.

    Raises ValueError when the text is not a datetime with a zone."""
    moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def read_date(text: str) -> date:
    return date.fromisoformat(text)


def days_before(moment: datetime, days: float) -> str:
    return stamp(moment - timedelta(days=days))
