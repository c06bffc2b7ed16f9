"""Events that came into the ledger by a spool, found by the mark in their bodies."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models.expressions import Func, Value

from apps.ledger.models import Event
from apps.ledger.spool import trouble

KEY = b'"spooled":{'  # canonical, so written so; inside a text its quotes would be escaped


@dataclass(frozen=True, slots=True)
class Mark:
    """When an event was spooled, why (a code of `trouble.py`), on which host, under which key."""

    at: datetime
    why: str
    key: str
    host: str

    @property
    def words(self) -> str:
        """Why it was spooled, for people."""
        return trouble.words_of(self.why)


class _Holds(Func):
    template = "position(%(expressions)s)"
    arg_joiner = " in "
    output_field = models.IntegerField()


def mark_of(event: Event) -> Mark | None:
    """The event's mark; None for one that was recorded in the transaction of its act."""
    body = bytes(event.body)
    if KEY not in body:
        return None
    said = json.loads(body).get("spooled")
    if said is None:
        return None
    return Mark(datetime.fromisoformat(said["at"]), said["why"], said["key"], said["host"])


def spooled_of(target: models.Model) -> list[Event]:
    """What the open tenant's ledger took in from spools about one thing, oldest first."""
    needle = Value(KEY, output_field=models.BinaryField())
    rows = Event.objects.filter(target_id=str(target.pk))
    found = rows.annotate(mark_at=_Holds(needle, models.F("body"))).filter(mark_at__gt=0)
    return [event for event in found.order_by("at", "id") if mark_of(event)]


def drained_by(event: Event) -> Event | None:
    """What was recorded when the event's spool had been taken in whole."""
    rows = Event.objects.filter(action="ledger.spool.drained", target_id=str(event.source_id))
    return rows.first()
