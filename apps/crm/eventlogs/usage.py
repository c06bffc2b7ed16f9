"""What apps did in an org, as its event logs tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, Sum

from apps.crm.eventlogs.coverage import TOTAL, Window, covered, gaps_of, types_of_calls
from apps.crm.eventlogs.listing import API_TYPES
from apps.crm.models import Connection, LogRow

_LISTED = ("entity", "method", "address", "user_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUse:
    """What one app did. `app_id` is the id's first 15 characters, as logs carry it."""

    app_id: str
    app_name: str
    objects: tuple[str, ...]
    verbs: tuple[str, ...]
    calls: int
    rows: int | None
    """Records read or written by single calls; None when the org's logs do not tell (RestApi is a
    paid type). Logs of bulk jobs name no app, so what those read or wrote is not in it."""
    addresses: tuple[str, ...]
    users: tuple[str, ...]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What all apps did in a window, and how much of it was seen.

    `observed` are the stretches that log files cover; nothing is known of the rest.
    `attributed_share` (0 to 1) is the part of the observed calls that name an app; None without
    calls. An app that is absent is *unused* only if `is_complete`, else unknown.
    """

    since: datetime
    until: datetime
    observed: tuple[Window, ...]
    apps: tuple[AppUse, ...]
    attributed_share: float | None
    words: str
    """Why it is not complete, for people; empty when it is."""

    @property
    def is_complete(self) -> bool:
        """Whether the whole window was seen and every call names its app."""
        return not self.words and self.attributed_share in (None, 1.0)

    def of(self, app_id: str) -> AppUse | None:
        """The use of one app by its id of 15 or 18 characters; None when it was not seen."""
        return next((each for each in self.apps if each.app_id == app_id[:15]), None)


def used_by_app(connection: Connection, *, since: datetime, until: datetime) -> Usage:
    """What each app did in an org between two times, with what was observed of them."""
    types = types_of_calls(connection)
    observed = covered(connection, types, since=since, until=until)
    apps = _apps_of(connection, types, since=since, until=until)
    total = sum(each.calls for each in apps)
    named = sum(each.calls for each in apps if each.app_id)
    return Usage(
        since=since,
        until=until,
        observed=observed,
        apps=tuple(each for each in apps if each.app_id),
        attributed_share=named / total if total else None,
        words=_words(connection, types, observed, since=since, until=until),
    )


@dataclass(frozen=True, slots=True)
class ObjectUse:
    """What one account did with one object; an empty name where calls told none."""

    name: str
    verbs: tuple[str, ...]
    calls: int


def used_by_account(
    connection: Connection, user_id: str, *, since: datetime, until: datetime
) -> list[ObjectUse]:
    """The objects of an account's calls, by name; calls that the org refused are left out."""
    rows = LogRow.objects.filter(
        connection=connection, user_id=user_id[:15], at__gte=since, at__lt=until,
        event_type__in=types_of_calls(connection),
    ).exclude(status__startswith="4")  # fmt: skip
    counted = rows.values("entity").annotate(
        calls=Count("id"), verbs=ArrayAgg("method", distinct=True, default=[])
    )
    return [
        ObjectUse(each["entity"], tuple(sorted(filter(None, each["verbs"]))), each["calls"])
        for each in counted.order_by("entity")
    ]


def _apps_of(
    connection: Connection, types: tuple[str, ...], *, since: datetime, until: datetime
) -> list[AppUse]:
    rows = LogRow.objects.filter(connection=connection, at__gte=since, at__lt=until)
    records = {
        each["app_id"]: each["records"]
        for each in rows.exclude(event_type=TOTAL)
        .filter(event_type__in=API_TYPES, rows__isnull=False)
        .values("app_id")
        .annotate(records=Sum("rows"))
    }
    calls = (
        rows.filter(event_type__in=types)
        .values("app_id")
        .annotate(
            calls=Count("id"),
            name=Max("app_name"),
            first_at=Min("at"),
            last_at=Max("at"),
            **{each: ArrayAgg(each, distinct=True, default=[]) for each in _LISTED},
        )
        .order_by("-calls", "app_id")
    )
    return [_use(each, records.get(each["app_id"])) for each in calls]


def _use(found: Mapping[str, Any], records: int | None) -> AppUse:
    lists = {each: tuple(sorted(filter(None, found[each]))) for each in _LISTED}
    return AppUse(
        app_id=found["app_id"],
        app_name=found["name"],
        objects=lists["entity"],
        verbs=lists["method"],
        calls=found["calls"],
        rows=records,
        addresses=lists["address"],
        users=lists["user_id"],
        first_at=found["first_at"],
        last_at=found["last_at"],
    )


def _words(
    connection: Connection,
    types: tuple[str, ...],
    observed: tuple[Window, ...],
    *,
    since: datetime,
    until: datetime,
) -> str:
    if not types:
        return f"No event logs of {connection.name} were taken yet."
    missing = sum(
        (end - start).total_seconds() for start, end in gaps_of(observed, since=since, until=until)
    )
    if TOTAL not in types:
        return f"The logs of {connection.name} have no ApiTotalUsage, so some calls are not seen."
    if missing:
        asked = (until - since).total_seconds()
        return (
            f"Of the {asked / 3600:,.0f} h asked about, {missing / 3600:,.0f} h "
            "are in no log file that was taken."
        )
    return ""
