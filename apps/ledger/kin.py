"""Where else an id is told of, beside events about it. Apps above introduce what they know.

A sync run's events name records, an emergency request's events a token: the ledger does not index
what stands inside an event's data, the apps' own tables say where to look.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import Q

from apps.ledger.models import Event

MOST_TRACES = 500
MOST_EVENTS = 2_000


@dataclass(frozen=True, slots=True)
class Trace:
    """Events about `target_id` belong to the path: all of them, those of one instant `at`, or
    those whose data holds `naming`."""

    target_id: str
    at: datetime | None = None
    naming: str = ""


Finder = Callable[[str], Iterable[Trace]]
_finders: list[Finder] = []


def find_kin_with(finder: Finder) -> None:
    """Introduce a function that turns an id into traces; it reads the open tenant only."""
    if finder not in _finders:
        _finders.append(finder)


def events_naming(thing: str) -> list[UUID]:
    """Ids of events that tell of `thing` without being about it, at most `MOST_EVENTS`."""
    traces = list(islice((one for find in _finders for one in find(thing)), MOST_TRACES))
    whole = {trace.target_id for trace in traces if trace.at is None and not trace.naming}
    found = set(
        Event.objects.filter(target_id__in=whole).values_list("id", flat=True)[:MOST_EVENTS]
    )
    instants = Q()
    for trace in traces:
        if trace.at is not None:
            instants |= Q(target_id=trace.target_id, at=trace.at)
    if instants:
        rows = Event.objects.filter(instants).values_list("id", "body")[:MOST_EVENTS]
        found |= {pk for pk, body in rows if thing.encode() in bytes(body)}
    for trace in traces:
        if trace.naming:
            found |= _naming(trace)
    return sorted(found)[:MOST_EVENTS]


def _naming(trace: Trace) -> set[UUID]:
    rows = Event.objects.filter(target_id=trace.target_id).values_list("id", "body")
    sought = trace.naming.encode()
    return {pk for pk, body in rows[:MOST_EVENTS] if sought in bytes(body)}
