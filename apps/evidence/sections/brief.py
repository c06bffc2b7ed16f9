"""What every section is written from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.evidence.pack.content import ControlResult
from apps.evidence.pack.language import Language
from apps.evidence.sections.window import Window
from apps.ledger.models import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The time a pack speaks for, its language, its events, its subject if it tells of one thing.

    `at` is the instant the pack speaks from; `controls` are those it speaks for.
    """

    window: Window
    say: Language
    at: datetime
    events: QuerySet[Event]
    subject_id: UUID | None = None
    controls: tuple[ControlResult, ...] = ()

    @property
    def subject(self) -> UUID:
        """The one thing the pack tells of. Raises `LookupError` when it tells of none."""
        if self.subject_id is None:
            raise LookupError("this pack has no subject")
        return self.subject_id

    def moment(self, at: datetime | None) -> str:
        """An instant as tables print it, in UTC; words for one that is not known."""
        return at.strftime("%Y-%m-%d %H:%M UTC") if at else self.say("common.not_known")

    def moment_or_dash(self, at: datetime | None) -> str:
        """The same, with a dash for what has not happened."""
        return self.moment(at) if at else self.say("common.dash")

    def columns(self, key: str) -> tuple[str, ...]:
        """The headings of one table's columns, in the order of the catalogue."""
        return tuple(self.say(f"{key}.{name}") for name in self.say.names(key))
