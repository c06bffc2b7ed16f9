"""Reading both sides in pieces: the ledger's sessions, then the log's calls a day at a time."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from apps.crm.eventlogs.coverage import Window
from apps.crm.eventlogs.own import (
    LONGEST_SESSION,
    Session,
    announced_without_end,
    sessions_between,
)
from apps.crm.models import Connection, LogRow
from apps.posture.reconcile.comparing import Outcome, Seen

PIECE = 2_000  # request ids in one question
SLICE = timedelta(days=1)
SKEW = timedelta(minutes=10)  # between the org's clock and ours
_NAMES = ("at", "request_id", "app_id", "user_id", "method", "entity", "resource")


def match(
    connection: Connection,
    types: Collection[str],
    *,
    since: datetime,
    until: datetime,
    whole: Collection[Window],
    recording_since: datetime,
) -> Outcome:
    """Compare what the ledger has of a time with what the org's log has.

    Calls from before the ledger's first entry are no difference.
    """
    outcome = Outcome()
    for sessions in _pieces(sessions_between(connection, since=since, until=None)):
        ids = [each for session in sessions for each in session.requests]
        found = _found(connection, types, ids)
        for session in sessions:
            outcome.take_sent(session, found, whole=whole)
    announced = sorted(announced_without_end(connection, since=since - SKEW, until=until + SKEW))
    for first in range(0, len(announced), PIECE):
        outcome.take_announced(_found(connection, types, announced[first : first + PIECE]))
    start = max(since, recording_since)
    while outcome.apps and start < until:
        end = min(start + SLICE, until)
        sent = _sent_about(connection, start, end)
        for call in _calls(connection, types, outcome.apps, start, end):
            outcome.take_seen(call, sent)
        start = end
    return outcome


def _found(connection: Connection, types: Collection[str], ids: Collection[str]) -> dict[str, str]:
    """The app by request id, of those of these calls that the log has."""
    rows = LogRow.objects.filter(connection=connection, request_id__in=ids, event_type__in=types)
    return dict(rows.values_list("request_id", "app_id"))


def _pieces(sessions: Iterator[Session]) -> Iterator[list[Session]]:
    piece: list[Session] = []
    held = 0
    for session in sessions:
        piece.append(session)
        held += len(session.requests)
        if held >= PIECE:
            yield piece
            piece, held = [], 0
    if piece:
        yield piece


def _sent_about(connection: Connection, start: datetime, end: datetime) -> set[str]:
    """Requests of sessions that were open at some moment between two times; those announced by
    sessions without an end may be among them."""
    sessions = sessions_between(connection, since=start - SKEW, until=end + LONGEST_SESSION)
    sent = set(announced_without_end(connection, since=start - LONGEST_SESSION, until=end + SKEW))
    for session in sessions:
        if session.began_at <= end + SKEW:
            sent |= session.requests
    return sent


def _calls(
    connection: Connection,
    types: Collection[str],
    apps: Collection[str],
    start: datetime,
    end: datetime,
) -> Iterator[Seen]:
    rows = LogRow.objects.filter(
        connection=connection, event_type__in=types, app_id__in=apps, at__gte=start, at__lt=end
    ).order_by("at", "id")
    for values in rows.values_list(*_NAMES).iterator(chunk_size=PIECE):
        yield Seen(*values)
