"""The console's calls as the ledger has them, beside those that the org's logs show. Pure.

A composite call is one call on both sides: the org logs only the parent, and the ledger keeps the
request id of what was sent.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.crm.eventlogs.coverage import Window
from apps.crm.eventlogs.own import Session


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
    """Both differences. `pending` are recorded calls whose log is not all delivered yet."""

    matched: int = 0
    apps: frozenset[str] = frozenset()
    unrecorded: list[Seen] = field(default_factory=list)
    unseen: list[tuple[datetime, str]] = field(default_factory=list)
    pending: int = 0


def compare(
    seen: Sequence[Seen],
    sessions: Iterable[Session],
    *,
    whole: Collection[Window],
    recording_since: datetime,
) -> Outcome:
    """Compare. `whole` are the times whose logs are final (days, not hours).

    Which apps are the console's is told by the calls that both sides have, so without one in
    common nothing is said of the org's other calls.
    """
    sent: dict[str, Session] = {}
    for session in sessions:
        sent |= dict.fromkeys(session.requests, session)
    found = [each for each in seen if each.request_id in sent]
    outcome = Outcome(matched=len({each.request_id for each in found}))
    outcome.apps = frozenset(each.app_id for each in found if each.app_id)
    outcome.unrecorded = [
        each
        for each in seen
        if each.app_id in outcome.apps
        and each.request_id not in sent
        and each.at >= recording_since
    ]
    there = {each.request_id for each in found}
    for request_id, session in sent.items():
        if request_id in there:
            continue
        if _is_inside(session, whole):
            outcome.unseen.append((session.began_at, request_id))
        else:
            outcome.pending += 1
    return outcome


def _is_inside(session: Session, windows: Collection[Window]) -> bool:
    return any(start <= session.began_at and session.ended_at <= end for start, end in windows)
