"""The console's own calls to an org, in the ledger: what its logs are compared with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.crm.broker import BROKER
from apps.crm.models import Connection, OrgToken
from apps.ledger import selectors
from apps.ledger import services as ledger

CALLED = "crm.org.called"
MOST_IDS = 400


@dataclass(frozen=True, slots=True)
class Session:
    """What one session sent, and when."""

    began_at: datetime
    ended_at: datetime
    requests: frozenset[str]


def record_calls(
    connection_id: UUID, requests: Sequence[str], *, began_at: datetime, now: datetime
) -> None:
    """Record the request ids that a session sent; nothing when it sent none."""
    if not requests:
        return
    token: OrgToken = OrgToken.objects.get(connection_id=connection_id)
    for start in range(0, len(requests), MOST_IDS):
        ledger.record(
            actor=BROKER,
            action="crm.org.called",
            target=token,
            at=now,
            data={
                "connection": str(connection_id),
                "from": began_at.isoformat(),
                "requests": list(requests[start : start + MOST_IDS]),
            },
        )


def sessions_between(
    connection: Connection, *, since: datetime, until: datetime | None
) -> Iterator[Session]:
    """Sessions that ended between two times, as the ledger has them, oldest first, one by one."""
    token = OrgToken.objects.filter(connection=connection).first()
    if token is None:
        return
    events = selectors.list_events(action=CALLED, target_id=str(token.pk), since=since, until=until)
    for event in events.order_by("at", "id").iterator(chunk_size=200):
        data = selectors.data_of(event)
        began_at = datetime.fromisoformat(data["from"])
        yield Session(began_at, event.at, frozenset(data["requests"]))


def recording_since(connection: Connection) -> datetime | None:
    """When the ledger's first entry about calls to this org begins; None before it."""
    token = OrgToken.objects.filter(connection=connection).first()
    if token is None:
        return None
    first = selectors.list_events(action=CALLED, target_id=str(token.pk)).order_by("at").first()
    return datetime.fromisoformat(selectors.data_of(first)["from"]) if first else None
