"""What waits in this host's spool, for pages and for the command. Other hosts' are not seen."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.common.scope import current_tenant_id
from apps.ledger.models import Event
from apps.ledger.spool import place, trouble
from apps.ledger.spool.lines import read


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events that are not in the ledger yet: how many, since when, and why."""

    events: int
    since: str
    why: str

    @property
    def words(self) -> str:
        """One sentence for people."""
        count = "1 event" if self.events == 1 else f"{self.events} events"
        return f"{count} since {self.since}, because {trouble.words_of(self.why)}"

    def __bool__(self) -> bool:
        return self.events > 0


def waiting_here() -> Waiting:
    """What waits here of the open tenant."""
    said = waiting_bodies()
    if not said:
        return Waiting(0, "", "")
    first = min(said, key=lambda one: str(one["at"]))
    since = str(first["at"])[:19].replace("T", " ")
    return Waiting(len(said), f"{since} UTC", str(first["spooled"]["why"]))


def waiting_bodies() -> list[dict[str, Any]]:
    """The open tenant's events that wait here, as they will be recorded; none that is recorded."""
    said = _spooled_bodies(current_tenant_id())
    ids = [body["event_id"] for body in said]
    if not ids:
        return []
    known = set(map(str, Event.objects.filter(id__in=ids).values_list("id", flat=True)))
    return [body for body in said if body["event_id"] not in known]


def _spooled_bodies(tenant_id: UUID) -> list[dict[str, Any]]:
    found = []
    for path in place.files_of(tenant_id):
        try:
            lines = read(path.read_bytes()).lines
        except FileNotFoundError:  # drained this moment
            continue
        found += [json.loads(line.body) for line in lines]
    return [body for body in found if "spooled" in body]
