"""Calls per hour, with the hours that no file covers told apart from quiet ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour

from apps.crm.eventlogs.coverage import Window
from apps.crm.models import LogRow

HOUR = timedelta(hours=1)


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


WIDTH, HEIGHT = 1000, 96


def hours_of(
    rows: QuerySet[LogRow], observed: Sequence[Window], *, since: datetime, until: datetime
) -> list[Hour]:
    """Every hour between two times, oldest first. `rows` are of types that count a call once."""
    counted = rows.annotate(hour=TruncHour("at")).values("hour").annotate(calls=Count("id"))
    calls = {each["hour"]: each["calls"] for each in counted.order_by()}
    found, at = [], since
    while at < until:
        seen = any(start <= at and at + HOUR <= end for start, end in observed)
        found.append(Hour(at, calls.get(at, 0) if seen else None))
        at += HOUR
    return found


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
