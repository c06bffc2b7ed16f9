"""Looking at what apps did lately, hour by hour, and reporting what is not usual."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.db.models.functions import TruncHour

from apps.crm.eventlogs.coverage import Window, covered, types_of_calls
from apps.crm.models import Connection, LogRow
from apps.posture.findings.kinds import Kind, register_kinds
from apps.posture.findings.reporting import report_finding
from apps.posture.models import Finding
from apps.posture.volume.addresses import log_address
from apps.posture.volume.baseline import (
    HOUR,
    LEAST_HISTORY,
    LOOK_BACK,
    Comparable,
    Deviation,
    Limits,
    TooLittleHistory,
    comparable_at,
    deviation_of,
)
from apps.posture.volume.thresholds import limits_of_tenant

RECENT = timedelta(hours=48)
ABOVE, BELOW = "volume.above-usual", "volume.below-usual"
FIX_ABOVE = (
    "Ask the app's owner what ran then. If nobody can say, revoke its tokens and look at the event"
    " log of that hour: addresses, objects, records."
)
FIX_BELOW = "See whether the integration still runs, or whether something else does its work now."

register_kinds(
    Kind(ABOVE, "An app made many more calls than is usual for it", "MON-2"),
    Kind(BELOW, "An app made far fewer calls than is usual for it", "MON-2"),
)


@dataclass
class VolumeLook:
    """What a look at one org gave. `words` tells why nothing, or not all, can be said."""

    since: datetime
    until: datetime
    apps: int = 0
    hours: int = 0
    words: str = ""
    deviations: list[tuple[str, str, Deviation]] = field(default_factory=list)


def look_at_volume(connection: Connection, *, now: datetime) -> VolumeLook:
    """Compare each observed hour of the last two days with the four weeks before it.

    The worst hour of an app is reported as a finding, by the app's id. Nothing is settled here: an
    hour that was unusual stays so until somebody says what it was.
    """
    until = now.replace(minute=0, second=0, microsecond=0)
    since = until - RECENT
    look = VolumeLook(since, until)
    types = types_of_calls(connection)
    observed = _hours(covered(connection, types, since=since - LOOK_BACK, until=until))
    recent = sorted(each for each in observed if each >= since)
    if not recent:
        look.words = "No log file covers the last two days: whether volumes are usual is unknown."
        return look
    names, calls = _calls(connection, types, since=since - LOOK_BACK, until=until)
    look.apps, limits = len(names), limits_of_tenant()
    comparable = _comparable(recent, observed, look)
    for app_id, name in sorted(names.items()):
        for deviation in _worst(comparable, calls[app_id], limits):
            look.deviations.append((app_id, name, deviation))
            _report(connection, app_id, name, deviation, now=now)
    return look


def _comparable(
    recent: list[datetime], observed: frozenset[datetime], look: VolumeLook
) -> list[Comparable]:
    """What each hour is compared with, of those that have enough before them."""
    found = []
    for at in recent:
        try:
            found.append(comparable_at(at, observed))
        except TooLittleHistory as little:
            look.words = (
                f"A baseline needs {LEAST_HISTORY} observed hours; {little.hours} were observed"
                " before some of these hours, so those are unknown."
            )
    look.hours = len(found) if look.apps else 0
    return found


def _worst(
    comparable: list[Comparable], calls: dict[datetime, int], limits: Limits
) -> list[Deviation]:
    """The worst hour above what is usual and the worst below, as far as there are such."""
    found = [each for like in comparable if (each := deviation_of(like, calls, limits))]
    above = [each for each in found if each.is_above]
    below = [each for each in found if not each.is_above]
    return [max(each, key=lambda one: one.score) for each in (above, below) if each]


def _calls(
    connection: Connection, types: tuple[str, ...], *, since: datetime, until: datetime
) -> tuple[dict[str, str], dict[str, dict[datetime, int]]]:
    rows = (
        LogRow.objects.filter(
            connection=connection, event_type__in=types, at__gte=since, at__lt=until
        )
        .exclude(app_id="")
        .annotate(hour=TruncHour("at"))
        .values("app_id", "hour")
        .annotate(calls=Count("id"), name=Max("app_name"))
        .order_by()
    )
    names: dict[str, str] = {}
    calls: dict[str, dict[datetime, int]] = defaultdict(dict)
    for row in rows:
        names[row["app_id"]] = row["name"] or row["app_id"]
        calls[row["app_id"]][row["hour"]] = row["calls"]
    return names, calls


def _hours(windows: tuple[Window, ...]) -> frozenset[datetime]:
    """The full hours inside windows."""
    found = set()
    for start, end in windows:
        at = start.replace(minute=0, second=0, microsecond=0)
        at = at if at == start else at + HOUR
        while at + HOUR <= end:
            found.add(at)
            at += HOUR
    return frozenset(found)


def _report(
    connection: Connection, app_id: str, name: str, found: Deviation, *, now: datetime
) -> None:
    report_finding(
        kind=ABOVE if found.is_above else BELOW,
        connection=connection,
        subject=app_id,
        title=f"{name}: {found.calls} calls in an hour, usually {found.median:g}",
        level=Finding.Level.WARNING if found.is_above else Finding.Level.NOTE,
        fix=FIX_ABOVE if found.is_above else FIX_BELOW,
        source=Finding.Source.VOLUME,
        now=now,
        detail={
            "app": app_id,
            "hour": found.at.isoformat(),
            "calls": found.calls,
            "median": found.median,
            "spread": found.mad,
            "score": found.score,
            "samples": found.samples,
            "compared_with": found.basis,
            "log": log_address(connection, found.at, found.at + HOUR, app=app_id),
        },
        window=(found.at, found.at + HOUR),
    )
