"""What people search an org's event logs by, read from an address, and the page it gives."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple as Columns
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.http import QueryDict

from apps.common.errors import Invalid
from apps.crm.eventlogs.parsing import short_id
from apps.crm.models import Connection, LogRow

PAGE = 50
LONGEST = timedelta(days=31)
USUAL = "1d"
PERIODS = {
    "1d": ("24 hours", timedelta(days=1)),
    "7d": ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
}
Found = TypeVar("Found", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A time and filters as typed; empty ones do not narrow.

    `period` is "" where the time was given by its ends.
    """

    period: str
    since: datetime
    until: datetime
    app: str = ""
    user: str = ""
    address: str = ""
    kind: str = ""
    request: str = ""

    def rows(self, connection: Connection) -> QuerySet[LogRow]:
        """Matching rows of one org, in no order."""
        return LogRow.objects.filter(
            connection=connection, at__gte=self.since, at__lt=self.until, **self._exact()
        )

    @property
    def counts_whole_hours(self) -> bool:
        """Whether nothing but the type narrows, and no hour is cut before its end or now."""
        ends = (self.since,) if self.period else (self.since, self.until)
        whole = all(end.minute == end.second == end.microsecond == 0 for end in ends)
        return whole and not self.chosen().keys() - {"kind"}

    def chosen(self) -> dict[str, str]:
        """The filters that are set, by name."""
        names = ("app", "user", "address", "kind", "request")
        return {name: value for name in names if (value := getattr(self, name))}

    def _exact(self) -> dict[str, str]:
        exact = {
            "app_id": short_id(self.app),
            "user_id": short_id(self.user),
            "address": self.address,
            "event_type": self.kind,
            "request_id": self.request,
        }
        return {name: value for name, value in exact.items() if value}


def usual_search(*, now: datetime) -> Search:
    """The last 24 hours, everything."""
    return Search(period=USUAL, since=_start(USUAL, now), until=now)


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
    since = _instant(query.get("from", ""), field="from")
    until = _instant(query.get("until", ""), field="until")
    if since is None and until is None:
        period = query.get("period", "") or USUAL
        if period not in PERIODS:
            raise Invalid(f"Choose one of: {', '.join(PERIODS)}.", field="period")
        return Search(period=period, since=_start(period, now), until=now, **words)
    until = until or min(now, since + LONGEST if since else now)
    since = since or until - timedelta(days=1)
    if not since < until:
        raise Invalid("The end is to be after the beginning.", field="until")
    if until - since > LONGEST:
        raise Invalid(f"Look at {LONGEST.days} days at most at once.", field="from")
    return Search(period="", since=since, until=until, **words)


def _start(period: str, now: datetime) -> datetime:
    """When a period that ends now starts, on a full hour."""
    return (now - PERIODS[period][1]).replace(minute=0, second=0, microsecond=0)


def _instant(typed: str, *, field: str) -> datetime | None:
    """An instant; without a zone it is UTC, and a day is its beginning."""
    value = typed.strip()
    if not value:
        return None
    try:
        instant = datetime.fromisoformat(value)
        if instant.year < 2000 or instant.year > 2200:
            raise ValueError("no log is from then")
    except ValueError as error:
        words = "Write the instant as 2026-11-21T14:02 (UTC), or only its day."
        raise Invalid(words, field=field) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def page_of(rows: QuerySet[LogRow], *, before: str = "", size: int = PAGE) -> Page:
    """One page of rows, older than the cursor. Raises `Invalid`."""
    found = list(before_cursor(rows, before).order_by("-at", "-id")[: size + 1])
    return Page(found[:size], cursor_of(found[size - 1]) if len(found) > size else "")


def before_cursor(rows: QuerySet[Found], cursor: str, *, column: str = "at") -> QuerySet[Found]:
    """Rows after the one that a cursor names, newest first by a time and their id.

    Raises `Invalid` for a damaged cursor; "" leaves the rows as they are.
    """
    if not cursor:
        return rows
    return rows.filter(TupleLessThan(Columns(F(column), F("id")), _read(cursor)))


def cursor_of(row: Model, *, column: str = "at") -> str:
    """The cursor of what follows this row."""
    at: datetime = getattr(row, column)
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row.pk}".encode()).decode()


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
