"""Run the sequencer inside a test: on the test's database, as its own login, with keys in memory.

Only committed events get positions, so tests that use this are `transactional_db` and work in
tenants of their own.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from django.db import connection as app_connection

from apps.ledger.sequencer.session import Session
from apps.ledger.sequencer.wire import connect
from console.dev import urls
from tests.ledger.note_keys import MemoryKeys

HOST = "bailiwick.test"
KEYS = MemoryKeys()  # one for the whole run: a log signed by keys nobody knows is set aside


def sequencer_url() -> str:
    """The sequencer's login at the test's database."""
    given = os.environ.get("DATABASE_SEQUENCER_URL", "")
    url = given or pytest.skip("DATABASE_SEQUENCER_URL names no login of this server")
    return urls.with_database(url, str(app_connection.settings_dict["NAME"]))


@dataclass
class Watched(Session):
    """A session whose reports are kept."""

    reports: list[tuple[uuid.UUID, str]] = field(default_factory=list)


@contextmanager
def open_session(*, keys: MemoryKeys = KEYS, limit: int = 20_000) -> Iterator["Watched"]:
    """A session that does not lead yet; what it reports is kept in `session.reports`."""
    with connect(sequencer_url()) as connection:
        reports: list[tuple[uuid.UUID, str]] = []
        yield Watched(
            connection,
            host=HOST,
            keys=lambda: keys,
            now=lambda: datetime.now(UTC),
            report=lambda tenant, words: reports.append((tenant, words)),
            limit=limit,
            reports=reports,
        )


def sequence_all() -> None:
    """Give everything that is committed its position and sign it."""
    with open_session() as session:
        assert session.lead()
        run_dry(session)


def run_dry(session: Session) -> int:
    """Step until nothing is left; how many events got positions."""
    total = 0
    while True:
        events, more = session.step()
        total += events
        if not events and not more:
            return total
