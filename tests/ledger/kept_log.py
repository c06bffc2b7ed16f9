"""A committed tenant with a sequenced and signed log, for tests that tamper with its rows."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import note, rows
from apps.ledger import services as ledger
from apps.ledger.export.database import content_of, newest_checkpoint
from apps.ledger.export.writing import write
from tests.cast import Cast, make_cast
from tests.ledger.note_keys import MemoryKeys
from tests.ledger.sequencing import HOST, KEYS, sequence_all

EVENTS = 300


@dataclass
class KeptLog:
    """One tenant's log; `events` are the ids at their positions."""

    cast: Cast
    keys: MemoryKeys
    events: list[UUID]

    @property
    def tenant(self) -> UUID:
        """Whose log it is."""
        return self.cast.acme.pk

    @property
    def vkey(self) -> str:
        """The verifier key of the newest signing key."""
        return str(note.Verifier(f"{HOST}/ledger/{self.tenant}", self.keys.signing[0].public))

    def export(self, place: Path, *, first: int = 0) -> Path:
        """Export it, as the console does."""
        with scoped(tenant_id=self.tenant):
            content = content_of(newest_checkpoint(), keys=self.keys, first=first)
            write(place, content, keys=self.keys.signing)
        return place

    def add(self, count: int) -> None:
        """Record as many events more."""
        with self.cast.at_acme() as alice:
            for number in range(count):
                ledger.record(
                    actor=alice,
                    action="tenancy.member.added",
                    target=self.cast.acme,
                    at=database_now(),
                    data={"number": number},
                )

    def grow(self, count: int) -> None:
        """Record events and have the sequencer give them positions and sign."""
        self.add(count)
        sequence_all()
        self.look()

    def look(self) -> None:
        """Read which events stand where."""
        with scoped(tenant_id=self.tenant):
            size = newest_checkpoint().size
            self.events = [entry.event_id for entry in rows.entries(0, size) if entry.event_id]


def kept_log(events: int = EVENTS) -> KeptLog:
    """A new tenant's log of some events more than its own making, signed twice."""
    log = KeptLog(make_cast(), KEYS, [])
    log.grow(10)
    log.grow(events - 10)
    return log
