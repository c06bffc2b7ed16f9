"""What the page of event logs shows beside the rows: how it stands, a chart, what narrows it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import QueryDict

from apps.crm.eventlogs import retention
from apps.crm.eventlogs.choices import apps_of, kinds_of
from apps.crm.eventlogs.coverage import covered, gaps_of, types_of_calls
from apps.crm.eventlogs.hours import (
    HEIGHT,
    WIDTH,
    Hour,
    bars_of,
    calls_in_files,
    calls_in_rows,
    hours_of,
    numbers_of,
    ticks_of,
)
from apps.crm.eventlogs.lines import Line
from apps.crm.eventlogs.search import PERIODS, Search
from apps.crm.eventlogs.words import kept_since_words, sentence_of, sign_of
from apps.crm.models import Connection, LogWatch

FEW_HOURS = 3  # a picture of fewer says nothing
WORDS = {
    "app": "App",
    "user": "User",
    "address": "Address",
    "kind": "Type",
    "request": "Request",
}


def about(org: Connection, search: Search, watch: LogWatch | None) -> dict[str, Any]:
    """Everything of the page that does not depend on who looks."""
    since, until = search.since, search.until
    counted = (search.kind,) if search.kind else types_of_calls(org)
    observed = covered(org, counted, since=since, until=until)
    hours = hours_of(_calls(org, search, counted), observed, since=since, until=until)
    apps = apps_of(org, since=since, until=until)
    return {
        "sign": sign_of(watch),
        "sentence": sentence_of(watch, observed, since=since, until=until),
        "removed": kept_since_words(since, days=retention.days_kept(), now=until),
        "gaps": gaps_of(observed, since=since, until=until)[-12:],
        **_chart(hours),
        "apps": apps,
        "kinds": [(kind, kind) for kind in kinds_of(org, since=since, until=until)],
    }


def _calls(org: Connection, search: Search, types: Sequence[str]) -> dict[datetime, int]:
    """Calls by hour; where nothing but the type narrows and hours are whole, files tell them."""
    calls = None
    if search.counts_whole_hours:
        calls = calls_in_files(org, types, since=search.since, until=search.until)
    if calls is None:
        calls = calls_in_rows(search.rows(org).filter(event_type__in=types))
    return calls


def chips_of(query: QueryDict, search: Search, names: dict[str, str]) -> list[dict[str, str]]:
    """The filters that are set, each with the address of the page without it."""
    return [
        {
            "words": f"{WORDS[name]}: {names.get(value, value) if name == 'app' else value}",
            "url": changed(query, **{name: ""}),
        }
        for name, value in search.chosen().items()
    ]


def periods_of(query: QueryDict, search: Search) -> list[dict[str, Any]]:
    """The usual periods, each with the address of the page over it."""
    ends = {"from": "", "until": ""}
    return [
        {
            "words": words,
            "url": changed(query, period=code, **ends),
            "chosen": code == search.period,
        }
        for code, (words, _) in PERIODS.items()
    ]


def with_links(query: QueryDict, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines with the addresses that narrow the search to their app, user or address."""
    return [
        {
            "line": line,
            "app_url": changed(query, app=line.app_id) if line.app_id else "",
            "user_url": changed(query, user=line.user_id) if line.user_id else "",
            "address_url": changed(query, address=line.address) if line.address else "",
        }
        for line in lines
    ]


def changed(query: QueryDict, **values: str) -> str:
    """The page's address with other values, from its first page on; an empty one is left out."""
    copy = query.copy()
    copy.pop("before", None)
    for name, value in values.items():
        copy.pop(name, None)
        if value:
            copy[name] = value
    return f"?{copy.urlencode()}"


def _chart(hours: Sequence[Hour]) -> dict[str, Any]:
    return {
        "bars": bars_of(hours) if len(hours) >= FEW_HOURS else [],
        "ticks": ticks_of(hours),
        "numbers": numbers_of(hours),
        "total": sum(hour.calls or 0 for hour in hours),
        "most": max((hour.calls or 0 for hour in hours), default=0),
        "is_seen": any(hour.calls is not None for hour in hours),
        "box": (WIDTH, HEIGHT),
    }


def typed_of(search: Search) -> dict[str, str]:
    """The ends of a time that was given by its ends, as they are typed."""
    if search.period:
        return {"from": "", "until": ""}
    return {"from": _typed(search.since), "until": _typed(search.until)}


def _typed(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"
