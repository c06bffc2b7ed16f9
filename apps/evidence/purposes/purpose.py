"""What a purpose is: which parts a pack of it has, which events, what it can tell of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from apps.evidence.pack.content import Section
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.window import Window
from apps.ledger.models import Event


@dataclass(frozen=True, slots=True)
class Part:
    """One section: the key under which it is kept, its writer, and the key of its heading."""

    name: str
    write: Callable[[Brief], Section]
    heading: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The one thing a pack tells of: its name for people, and its first and last day (UTC).

    `last` is None for what has not ended.
    """

    id: UUID
    name: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """A kind of pack. `events` chooses from the ledger by window and subject.

    `is_whole` says that the events are all of the ledger in a stretch of time, so that between
    the first and the last none is left out. `subjects` lists what such a pack can tell of, newest
    first; `find_subject` gives one of them or None. Both are None for a pack over a period.
    `days_are_chosen` says that whoever asks chooses the days of a subject too, which are else its
    own. `never_holds` are the keys (`missing.<key>`) of what such a pack always leaves out.
    """

    code: str
    parts: tuple[Part, ...]
    events: Callable[[Window, UUID | None], QuerySet[Event]]
    is_whole: bool = False
    subjects: Callable[[], list[Subject]] | None = None
    find_subject: Callable[[UUID], Subject | None] | None = None
    days_are_chosen: bool = False
    never_holds: tuple[str, ...] = ()

    @property
    def takes_days(self) -> bool:
        """Whether a first and a last day must be given."""
        return self.subjects is None or self.days_are_chosen


def in_window(window: Window) -> QuerySet[Event]:
    """Every event of the open tenant that happened in the window."""
    events: QuerySet[Event] = Event.objects.filter(at__gte=window.start, at__lt=window.end)
    return events
