"""Calls per hour, with the hours that no file covers told apart from quiet ones."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour

from apps.crm.eventlogs.coverage import Window
from apps.crm.eventlogs.keeping import current_files
from apps.crm.models import Connection, LogRow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour; `calls` is None where no file covers all of it."""

    at: datetime
    calls: int | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour as drawn, in a box of `WIDTH` by `HEIGHT`."""

    hour: Hour
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Number:
    """One line of the table behind the picture; `unknown` hours are in no file."""

    words: str
    calls: int
    unknown: int


WIDTH, HEIGHT = 1000, 96
MANY_HOURS = 8 * 24  # more are told by the day


def hours_of(
    calls: Mapping[datetime, int],
    observed: Sequence[Window],
    *,
    since: datetime,
    until: datetime,
) -> list[Hour]:
    """Every hour between two times, oldest first. `calls` are of types that count a call once."""
    found, at = [], since.replace(minute=0, second=0, microsecond=0)
    while at < until:
        seen = any(start <= at and at + HOUR <= end for start, end in observed)
        found.append(Hour(at, calls.get(at, 0) if seen else None))
        at += HOUR
    return found


def calls_in_rows(rows: QuerySet[LogRow]) -> dict[datetime, int]:
    """Calls by hour, counted over the rows that a search finds."""
    counted = rows.annotate(hour=TruncHour("at")).values("hour").annotate(calls=Count("id"))
    return {each["hour"]: each["calls"] for each in counted.order_by()}


def calls_in_files(
    connection: Connection, types: Collection[str], *, since: datetime, until: datetime
) -> dict[datetime, int] | None:
    """Calls by hour as files tell them that count; None when one of them does not tell."""
    files = current_files(connection).filter(
        event_type__in=types, starts_at__lt=until + DAY, ends_at__gt=since - DAY
    )  # a file may have an event that is a little out of its time
    calls: Counter[datetime] = Counter()
    for counts in files.values_list("hour_counts", flat=True):
        if counts is None:
            return None
        for hour, number in counts.items():
            calls[datetime.fromisoformat(f"{hour}:00+00:00")] += number
    return dict(calls)


def bars_of(hours: Sequence[Hour]) -> list[Bar]:
    """The hours as bars; an unknown one fills its whole column."""
    most = max((hour.calls or 0 for hour in hours), default=0) or 1
    step = WIDTH / max(len(hours), 1)
    bars = []
    for number, hour in enumerate(hours):
        share = 1.0 if hour.calls is None else hour.calls / most
        height = round(max(share * HEIGHT, 1.5 if hour.calls else 0), 1)
        bars.append(
            Bar(hour, round(number * step, 2), HEIGHT - height, round(step * 0.86, 2), height)
        )
    return bars


def ticks_of(hours: Sequence[Hour]) -> list[tuple[float, str]]:
    """Where the axis says a time, in percent of the width: six-hourly or by days."""
    if not hours:
        return []
    short = len(hours) <= 48
    step = 6 if short else 24 * max(1, round(len(hours) / 24 / 7))
    first = next((n for n, hour in enumerate(hours) if hour.at.hour % (6 if short else 24) == 0), 0)
    return [
        (
            round(100 * number / len(hours), 2),
            f"{hours[number].at:%d %b}" if hours[number].at.hour == 0 else _clock(hours[number].at),
        )
        for number in range(first, len(hours), step)
        if number < len(hours) * 0.95  # what begins there does not fit
    ]


def numbers_of(hours: Sequence[Hour]) -> list[Number]:
    """The hours with calls or without knowledge, newest first; of a long time, its days."""
    if len(hours) <= MANY_HOURS:
        return [
            Number(f"{hour.at:%Y-%m-%d %H:%M}", hour.calls or 0, int(hour.calls is None))
            for hour in reversed(hours)
            if hour.calls
        ]
    days = groupby(reversed(hours), key=lambda hour: hour.at.date())
    return [_number(f"{day:%Y-%m-%d}", list(found)) for day, found in days]


def _number(words: str, hours: list[Hour]) -> Number:
    calls = sum(hour.calls or 0 for hour in hours)
    return Number(words, calls, sum(hour.calls is None for hour in hours))


def _clock(at: datetime) -> str:
    return f"{at:%H:%M}"
