"""The console's calls as the ledger has them, beside those that the org's logs show. Pure.

A composite call is one call on both sides: the org logs only the parent, and the ledger keeps the
request id of what was sent. Only counts and the first of each difference are held, so that a
million calls cost no more memory than a hundred.
"""

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.crm.eventlogs.coverage import Window
from apps.crm.eventlogs.own import Session

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """One call as the org's log has it."""

    at: datetime
    request_id: str
    app_id: str
    user_id: str
    method: str
    entity: str
    resource: str


@dataclass(slots=True)
class Outcome:
    """Both differences, whole in number, the first of them by name.

    `unended` of those matched were announced, and their session never said that it sent them.
    `pending` are recorded calls whose log is not all delivered yet. `apps` are the console's, told
    by the calls that both sides have: without one in common nothing is said of other calls.
    """

    matched: int = 0
    unended: int = 0
    apps: set[str] = field(default_factory=set)
    unrecorded: list[Seen] = field(default_factory=list)
    unrecorded_count: int = 0
    last_unrecorded_at: datetime | None = None
    unseen: list[tuple[datetime, str]] = field(default_factory=list)
    unseen_count: int = 0
    pending: int = 0

    def take_sent(
        self, session: Session, found: Mapping[str, str], *, whole: Collection[Window]
    ) -> None:
        """Look at what a session sent. `found` has the app by request id, of calls in the log;
        `whole` are the times whose logs are final (days, not hours)."""
        there = session.requests & found.keys()
        self.matched += len(there)
        self.apps |= {found[each] for each in there if found[each]}
        missing = sorted(session.requests - there)
        if not _is_inside(session, whole):
            self.pending += len(missing)
            return
        self.unseen_count += len(missing)
        left = MOST_SHOWN - len(self.unseen)
        self.unseen += [(session.began_at, each) for each in missing[:left]]

    def take_announced(self, found: Mapping[str, str]) -> None:
        """Take in calls of the log that were announced by sessions without an end: whoever sent
        them was lost, or is at it still. Those announced that the log lacks were never sent."""
        self.matched += len(found)
        self.unended += len(found)
        self.apps |= {app for app in found.values() if app}

    def take_seen(self, call: Seen, sent: Container[str]) -> None:
        """Look at a call under one of the console's apps. `sent` are the requests that the ledger
        has of its time."""
        if call.request_id in sent:
            return
        self.unrecorded_count += 1
        self.last_unrecorded_at = call.at
        if len(self.unrecorded) < MOST_SHOWN:
            self.unrecorded.append(call)


def _is_inside(session: Session, windows: Collection[Window]) -> bool:
    return any(start <= session.began_at and session.ended_at <= end for start, end in windows)
