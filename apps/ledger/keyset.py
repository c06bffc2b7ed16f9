"""Pages by key: the position after which the next page starts, as text for an address."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.common.errors import Invalid
from apps.ledger.models import Event

PAGE = 50


def page_after(events: QuerySet[Event], cursor: str) -> tuple[list[Event], str]:
    """One page of events ordered newest first, and the cursor of the next page or ""."""
    if cursor:
        at, event_id = _read(cursor)
        events = events.filter(Q(at__lt=at) | Q(at=at, id__lt=event_id))
    rows = list(events[: PAGE + 1])
    return rows[:PAGE], _write(rows[PAGE - 1]) if len(rows) > PAGE else ""


def _write(event: Event) -> str:
    return base64.urlsafe_b64encode(f"{event.at.isoformat()}|{event.pk}".encode()).decode()


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, _, event_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        return datetime.fromisoformat(at), UUID(event_id)
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "This page address is damaged. Start from the first page.", field="before"
        ) from error
