"""Which times an org's log files cover, and which are missing."""

from collections.abc import Iterable
from datetime import datetime

from apps.crm.eventlogs.keeping import current_files
from apps.crm.eventlogs.listing import API_TYPES
from apps.crm.models import Connection

Window = tuple[datetime, datetime]
TOTAL = "ApiTotalUsage"  # every API call, and free of charge


def types_of_calls(connection: Connection) -> tuple[str, ...]:
    """The types whose rows are counted as calls, so that no call counts twice.

    ApiTotalUsage has every call; without it, the types that each have a part.
    """
    there = set(
        current_files(connection).order_by().values_list("event_type", flat=True).distinct()
    )
    return (TOTAL,) if TOTAL in there else tuple(each for each in API_TYPES if each in there)


def covered(
    connection: Connection, types: Iterable[str], *, since: datetime, until: datetime
) -> tuple[Window, ...]:
    """The stretches between two times that files of every one of these types cover."""
    found: tuple[Window, ...] = ((since, until),)
    any_type = False
    for event_type in types:
        any_type = True
        files = current_files(connection).filter(
            event_type=event_type, starts_at__lt=until, ends_at__gt=since
        )
        times = merged(files.values_list("starts_at", "ends_at"))
        found = tuple(_both(found, times))
    return found if any_type else ()


def merged(windows: Iterable[Window]) -> list[Window]:
    """Windows in order, those that touch joined."""
    whole: list[Window] = []
    for start, end in sorted(windows):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def gaps_of(windows: Iterable[Window], *, since: datetime, until: datetime) -> list[Window]:
    """What lies between the windows."""
    missing, reached = [], since
    for start, end in merged(windows):
        if start > reached:
            missing.append((reached, start))
        reached = max(reached, end)
    if reached < until:
        missing.append((reached, until))
    return missing


def _both(one: Iterable[Window], other: Iterable[Window]) -> Iterable[Window]:
    others = list(other)
    for start, end in one:
        for from_at, until_at in others:
            if max(start, from_at) < min(end, until_at):
                yield max(start, from_at), min(end, until_at)
