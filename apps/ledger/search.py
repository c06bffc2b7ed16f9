"""What people search the ledger by, read from an address."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.db.models import QuerySet
from django.http import QueryDict

from apps.common.dates import read_day
from apps.common.errors import Invalid
from apps.ledger import selectors
from apps.ledger.models import Event


@dataclass(frozen=True, slots=True)
class Search:
    """Filters as typed; empty ones do not narrow. Dates are whole days in UTC, both included."""

    actor: str = ""
    action: str = ""
    target: str = ""
    since: str = ""
    until: str = ""

    def events(self) -> QuerySet[Event]:
        """Matching events, newest first. Raises `Invalid` for a date that is none."""
        return selectors.list_events(
            actor=self.actor,
            action=self.action,
            target_id=self.target,
            since=_day(self.since, "since", time.min),
            until=_day(self.until, "until", time.max),
        )

    @property
    def narrows(self) -> bool:
        """Whether any filter is set."""
        return any((self.actor, self.action, self.target, self.since, self.until))


def read_search(query: QueryDict) -> Search:
    """The search in an address; NUL characters are refused."""
    words = {name: query.get(name, "").strip() for name in Search.__slots__}
    for name, value in words.items():
        if "\x00" in value:
            raise Invalid("The search contains a NUL character. Remove it.", field=name)
    return Search(**words)


def _day(value: str, field: str, at: time) -> datetime | None:
    if not value:
        return None
    return datetime.combine(read_day(value, field=field), at, tzinfo=UTC)
