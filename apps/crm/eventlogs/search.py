"""What people search an org's event logs by, read from an address, and the page it gives."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple as Columns
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.http import QueryDict

from apps.common.errors import Invalid
from apps.crm.eventlogs.parsing import short_id
from apps.crm.models import Connection, LogRow

PAGE = 50
PERIODS = {
    "1d": ("24 hours", timedelta(days=1)),
    "7d": ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
}
_KEY = Columns(F("at"), F("id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Filters as typed; empty ones do not narrow. `until` is when the period ends."""

    period: str
    until: datetime
    app: str = ""
    user: str = ""
    address: str = ""
    kind: str = ""
    request: str = ""

    @property
    def since(self) -> datetime:
        """When the period starts, on a full hour."""
        start = self.until - PERIODS[self.period][1]
        return start.replace(minute=0, second=0, microsecond=0)

    def rows(self, connection: Connection) -> QuerySet[LogRow]:
        """Matching rows of one org, in no order."""
        exact = {
            "app_id": short_id(self.app),
            "user_id": short_id(self.user),
            "address": self.address,
            "event_type": self.kind,
            "request_id": self.request,
        }
        return LogRow.objects.filter(
            connection=connection,
            at__gte=self.since,
            at__lt=self.until,
            **{name: value for name, value in exact.items() if value},
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Rows newest first; `older` is the cursor of what follows, "" at the end."""

    rows: list[LogRow]
    older: str


def read_search(query: QueryDict, *, now: datetime) -> Search:
    """The search in an address. Raises `Invalid` naming the field."""
    names = ("app", "user", "address", "kind", "request")
    words = {name: query.get(name, "").strip()[:120] for name in names}
    for name, value in words.items():
        if "\x00" in value:
            raise Invalid("The search contains a NUL character. Remove it.", field=name)
    period = query.get("period", "") or "1d"
    if period not in PERIODS:
        raise Invalid(f"Choose one of: {', '.join(PERIODS)}.", field="period")
    return Search(period=period, until=now, **words)


def page_of(rows: QuerySet[LogRow], *, before: str = "") -> Page:
    """One page of rows, older than the cursor. Raises `Invalid`."""
    if before:
        rows = rows.filter(TupleLessThan(_KEY, _read(before)))
    found = list(rows.order_by("-at", "-id")[: PAGE + 1])
    older = _write(found[PAGE - 1]) if len(found) > PAGE else ""
    return Page(found[:PAGE], older)


def _write(row: LogRow) -> str:
    return base64.urlsafe_b64encode(f"{row.at.isoformat()}|{row.pk}".encode()).decode()


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, _, row_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None:
            raise ValueError("a cursor's instant has a zone")
        return instant, UUID(row_id)
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "This page address is damaged. Start from the first page.", field="before"
        ) from error
