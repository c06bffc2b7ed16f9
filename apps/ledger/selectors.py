"""Reading the ledger. Nothing here counts over everything."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple as Columns
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from apps.common.errors import NotFound
from apps.common.scope import current_tenant_id
from apps.ledger import kin
from apps.ledger.models import Event

KEY = Columns(F("at"), F("id"))  # the order of every list: newest first, ties by id

MOST_ACTORS = 100  # each takes a look into every month; others are found by their events
_ACTORS = """
WITH RECURSIVE one(actor) AS (
  (SELECT actor FROM ledger_event WHERE tenant_id = %(tenant)s ORDER BY actor LIMIT 1)
  UNION ALL
  SELECT (SELECT next.actor FROM ledger_event next
          WHERE next.tenant_id = %(tenant)s AND next.actor > one.actor
          ORDER BY next.actor LIMIT 1)
  FROM one WHERE one.actor IS NOT NULL)
SELECT actor FROM one LIMIT %(most)s
"""
_POSITIONS = "SELECT event_id, seq FROM ledger_leaf WHERE tenant_id = %s AND event_id = ANY(%s)"


def get_event(*, event_id: UUID) -> Event:
    """One event of the open tenant, or `NotFound`."""
    event = Event.objects.filter(id=event_id).first()
    if event is None:
        raise NotFound("There is no such ledger event here.")
    return event


def list_events(
    *,
    actor: str = "",
    action: str = "",
    target_type: str = "",
    target_id: str = "",
    request_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> models.QuerySet[Event]:
    """Events of the open tenant, newest first, narrowed by what is given. Times are inclusive."""
    events = Event.objects.order_by("-at", "-id")
    exact = {
        "actor": actor,
        "action": action,
        "target_type": target_type,
        "target_id": target_id,
    }
    events = events.filter(**{key: value for key, value in exact.items() if value})
    if request_id:
        events = events.filter(request_id=request_id)
    if since:
        events = events.filter(at__gte=since)
    if until:
        events = events.filter(at__lte=until)
    return events


def list_actors() -> list[str]:
    """References of those who acted here, at most `MOST_ACTORS`.

    Steps through the index from one actor to the next instead of reading their events (PostgreSQL
    wiki, "Loose indexscan").
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACTORS, {"tenant": current_tenant_id(), "most": MOST_ACTORS})
        return [row[0] for row in cursor.fetchall() if row[0] is not None]


def list_path_of(target: models.Model) -> models.QuerySet[Event]:
    """Everything recorded about one thing, oldest first."""
    return Event.objects.filter(target_id=str(target.pk)).order_by("at", "recorded_at")


def last_event() -> Event | None:
    """The newest event of the open tenant."""
    return Event.objects.order_by("-at", "-id").first()


def data_of(event: Event) -> dict[str, Any]:
    """The `data` of an event's canonical body."""
    data: dict[str, Any] = json.loads(bytes(event.body))["data"]
    return data


def list_of_request(event: Event) -> models.QuerySet[Event]:
    """All events of the HTTP request that caused this one, oldest first; none without a request."""
    if event.request_id is None:
        return Event.objects.none()
    return Event.objects.filter(request_id=event.request_id).order_by("at", "id")


def positions_of(events: Iterable[Event]) -> dict[UUID, int]:
    """Positions in the signed log by event id; those without one are left out."""
    return positions_by_id([event.pk for event in events])


def positions_by_id(ids: list[UUID]) -> dict[UUID, int]:
    """The same for ids, thousands of them at a time: one array instead of a value each."""
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, [current_tenant_id(), ids])
        return dict(cursor.fetchall())


def list_path(thing: str) -> models.QuerySet[Event]:
    """Everything recorded about the thing of this id or naming it, newest first."""
    named = kin.events_naming(thing)
    return Event.objects.filter(Q(target_id=thing) | Q(id__in=named)).order_by("-at", "-id")


def beside(event: Event, *, each_way: int, **same: str) -> list[Event]:
    """Events around one, it among them, oldest first: those whose columns equal `same`."""
    rows = Event.objects.filter(**same)
    key = (event.at, event.pk)
    older = rows.filter(TupleLessThan(KEY, key)).order_by("-at", "-id")[:each_way]
    newer = rows.filter(TupleGreaterThan(KEY, key)).order_by("at", "id")[:each_way]
    return [*reversed(older), event, *newer]
