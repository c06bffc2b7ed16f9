"""What people search the ledger by, read from an address."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from apps.common.dates import read_day
from apps.common.errors import Invalid
from apps.ledger import selectors
from apps.ledger.models import Event

PERIODS = {"today": "Today", "7d": "7 days", "30d": "30 days"}
_LENGTHS = {"7d": timedelta(days=7), "30d": timedelta(days=30)}
DAY_LENGTH = len("2026-11-21")


@dataclass(frozen=True, slots=True)
class Search:
    """Filters as typed; empty ones do not narrow.

    `kind` is a target's type, `target` its id, `request` an HTTP request's. `since` and `until` are
    days (both included) or instants in UTC; `period` is one of `PERIODS` and stands back where
    either of them is given.
    """

    actor: str = ""
    action: str = ""
    kind: str = ""
    target: str = ""
    request: str = ""
    since: str = ""
    until: str = ""
    period: str = ""

    def events(self, *, now: datetime) -> QuerySet[Event]:
        """Matching events, newest first. Raises `Invalid` naming the field that is damaged."""
        since = _instant(self.since, "since", time.min) or self._period_start(now)
        return selectors.list_events(
            actor=self.actor,
            action=self.action,
            target_type=self.kind,
            target_id=self.target,
            request_id=read_uuid(self.request, field="request") if self.request else None,
            since=since,
            until=_instant(self.until, "until", time.max),
        )

    @property
    def narrows(self) -> bool:
        """Whether any filter is set."""
        return any(self.chosen().values())

    def chosen(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    def _period_start(self, now: datetime) -> datetime | None:
        if not self.period or self.until:
            return None
        if self.period == "today":
            return datetime.combine(now.astimezone(UTC).date(), time.min, tzinfo=UTC)
        if self.period not in _LENGTHS:
            raise Invalid(f"Choose one of: {', '.join(PERIODS)}.", field="period")
        return now - _LENGTHS[self.period]


def read_search(query: QueryDict) -> Search:
    """The search in an address; NUL characters are refused."""
    words = {name: query.get(name, "").strip() for name in Search.__slots__}
    for name, value in words.items():
        if "\x00" in value:
            raise Invalid("The search contains a NUL character. Remove it.", field=name)
    search = Search(**words)
    return replace(search, period="") if search.since or search.until else search


def _instant(value: str, field: str, at: time) -> datetime | None:
    """A day's begin or end, or the instant itself; without a zone it is UTC."""
    if not value:
        return None
    if len(value) <= DAY_LENGTH:
        return datetime.combine(read_day(value, field=field), at, tzinfo=UTC)
    try:
        instant = parse_datetime(value)
    except ValueError:  # well-formed, but no such instant
        instant = None
    if instant is None:
        raise Invalid("Write the instant as 2026-11-21T14:02 (UTC), or only its day.", field=field)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def read_uuid(value: str, *, field: str) -> UUID:
    """The id in an address, or `Invalid` naming the field."""
    try:
        return UUID(value)
    except ValueError as error:
        raise Invalid("Write the id as it stands on a page of the ledger.", field=field) from error
