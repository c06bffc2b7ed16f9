"""Pages by key: the position beside which the next page starts, as text for an address.

PostgreSQL compares rows as a whole, so that an index on the same columns finds the page's start
wherever it lies (Markus Winand, "We need tool support for keyset pagination").
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from apps.common.errors import Invalid
from apps.ledger.models import Event
from apps.ledger.selectors import KEY

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Events newest first, with the cursors of the pages beside it; "" where there is none."""

    rows: list[Event]
    older: str = ""
    newer: str = ""


def page_of(events: QuerySet[Event], *, before: str = "", after: str = "") -> Page:
    """One page of events ordered newest first: older than `before`, or newer than `after`."""
    if after:
        return _newer(events, after)
    if before:
        events = events.filter(TupleLessThan(KEY, _read(before, "before")))
    rows = list(events[: PAGE + 1])
    page = rows[:PAGE]
    older = _write(page[-1]) if len(rows) > PAGE else ""
    return Page(page, older, _write(page[0]) if before and page else "")


def _newer(events: QuerySet[Event], cursor: str) -> Page:
    """The page that ends right above the cursor."""
    above = events.filter(TupleGreaterThan(KEY, _read(cursor, "after")))
    rows = list(above.order_by("at", "id")[: PAGE + 1])
    page = rows[:PAGE][::-1]
    newer = _write(page[0]) if len(rows) > PAGE else ""
    return Page(page, _write(page[-1]) if page else "", newer)


def _write(event: Event) -> str:
    return base64.urlsafe_b64encode(f"{event.at.isoformat()}|{event.pk}".encode()).decode()


def _read(cursor: str, field: str) -> tuple[datetime, UUID]:
    try:
        at, _, event_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None:
            raise ValueError("a cursor's instant has a zone")
        return instant, UUID(event_id)
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "This page address is damaged. Start from the first page.", field=field
        ) from error
