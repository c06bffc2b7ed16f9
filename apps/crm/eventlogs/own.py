"""The console's own calls to an org, in the ledger: what its logs are compared with.

The ids of requests are in the ledger before the requests are sent, some at a time: whatever kills a
worker, an org's log shows no call of ours that the ledger lacks. What was sent in fact is recorded
when the session ends and takes the place of what was announced.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm.broker import BROKER
from apps.crm.models import Connection, OrgToken
from apps.ledger import selectors
from apps.ledger import services as ledger
from apps.ledger.models import Event

CALLED, CALLING = "crm.org.called", "crm.org.calling"
MOST_IDS = 400
LONGEST_SESSION = timedelta(days=2)  # calls are recorded when their session ends


@dataclass(frozen=True, slots=True)
class Session:
    """What one session sent, and when."""

    began_at: datetime
    ended_at: datetime
    requests: frozenset[str]


class Journal:
    """One session's entries. Nothing is recorded of a session that sends nothing."""

    def __init__(self, *, tenant_id: UUID, connection_id: UUID) -> None:
        self._tenant_id, self._connection_id = tenant_id, connection_id
        self._session = str(uuid4())
        self._began_at: datetime | None = None

    def announce(self, requests: Sequence[str]) -> None:
        """Record ids that may be sent from now on, in a transaction of its own."""
        with scoped(tenant_id=self._tenant_id):
            now = database_now()
            self._began_at = self._began_at or now
            data = self._data(requests, began_at=self._began_at)
            token = OrgToken.objects.get(connection_id=self._connection_id)
            ledger.record(actor=BROKER, action="crm.org.calling", target=token, at=now, data=data)

    def close(
        self, sent: Sequence[str], *, began_at: datetime | None = None, now: datetime
    ) -> None:
        """Record the ids that were sent. Call it inside a scope."""
        if not sent:
            return
        token = OrgToken.objects.get(connection_id=self._connection_id)
        for start in range(0, len(sent), MOST_IDS):
            data = self._data(
                sent[start : start + MOST_IDS], began_at=began_at or self._began_at or now
            )
            ledger.record(actor=BROKER, action="crm.org.called", target=token, at=now, data=data)

    def _data(self, requests: Sequence[str], *, began_at: datetime) -> dict[str, object]:
        return {
            "connection": str(self._connection_id),
            "session": self._session,
            "from": began_at.isoformat(),
            "requests": list(requests),
        }


def sessions_between(
    connection: Connection, *, since: datetime, until: datetime | None
) -> Iterator[Session]:
    """Sessions that ended between two times, as the ledger has them, oldest first, one by one."""
    for event in _events(connection, CALLED, since=since, until=until):
        data = selectors.data_of(event)
        began_at = datetime.fromisoformat(data["from"])
        yield Session(began_at, event.at, frozenset(data["requests"]))


def announced_without_end(
    connection: Connection, *, since: datetime, until: datetime
) -> frozenset[str]:
    """Ids announced between two times by sessions that have not ended: their worker is at it still,
    or was lost. Whether they were sent the ledger cannot know."""
    announced: dict[str, list[str]] = {}
    for event in _events(connection, CALLING, since=since, until=until):
        data = selectors.data_of(event)
        announced.setdefault(data["session"], []).extend(data["requests"])
    if announced:
        for event in _events(connection, CALLED, since=since, until=until + LONGEST_SESSION):
            announced.pop(selectors.data_of(event).get("session", ""), None)
    return frozenset(each for ids in announced.values() for each in ids)


def recording_since(connection: Connection) -> datetime | None:
    """When the ledger's first entry about calls to this org begins; None before it."""
    firsts = [next(_events(connection, action), None) for action in (CALLING, CALLED)]
    begun = [selectors.data_of(event)["from"] for event in firsts if event is not None]
    return min((datetime.fromisoformat(each) for each in begun), default=None)


def _events(
    connection: Connection,
    action: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Event]:
    token = OrgToken.objects.filter(connection=connection).first()
    if token is None:
        return iter(())
    events = selectors.list_events(action=action, target_id=str(token.pk), since=since, until=until)
    return iter(events.order_by("at", "id").iterator(chunk_size=200))
