"""Reading the ledger. Nothing here counts over everything."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from apps.common.errors import NotFound
from apps.ledger.models import Event


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
    target_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> models.QuerySet[Event]:
    """Events of the open tenant, newest first, narrowed by what is given. Times are inclusive."""
    events = Event.objects.order_by("-at", "-id")
    exact = {"actor": actor, "action": action, "target_id": target_id}
    events = events.filter(**{key: value for key, value in exact.items() if value})
    if since:
        events = events.filter(at__gte=since)
    if until:
        events = events.filter(at__lte=until)
    return events


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
