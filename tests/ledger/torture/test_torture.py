"""Nothing acknowledged is missing, no gap, no event before its cause: exact counts afterwards."""

import os
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection as app_connection

from apps.ledger.sequencer.leading import Sequencer
from apps.ledger.sequencer.session import Session
from apps.ledger.sequencer.wire import Connection
from console.dev import postgres, processes, roles, urls
from console.dev.paths import PROJECT
from tests.ledger.sequencing import HOST, KEYS, sequencer_url
from tests.ledger.torture.examine import Findings, examine, wait_until_placed
from tests.ledger.torture.writers import Crew, crew


@contextmanager
def sequencing(url: str) -> Iterator[None]:
    """The sequencer as it runs in production, beside the writers."""

    def opened(connection: Connection) -> Session:
        return Session(
            connection,
            host=HOST,
            keys=lambda: KEYS,
            now=lambda: datetime.now(UTC),
            report=lambda tenant, words: print(f"set aside: {tenant}: {words}"),
        )

    stop = threading.Event()
    runner = Sequencer(url=url, open_session=opened, cadence_s=0.05)
    thread = threading.Thread(target=runner.run, args=[stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


@contextmanager
def transaction_elsewhere(url: str) -> Iterator[None]:
    """A transaction that stays open in another database of the same server."""
    with psycopg.connect(urls.with_database(url, "postgres")) as other:
        other.execute("SELECT pg_current_xact_id()")
        yield
        other.rollback()


@pytest.mark.django_db(transaction=True)
def test_a_few_seconds_of_everything_at_once() -> None:
    url = urls.with_database(os.environ["DATABASE_URL"], str(app_connection.settings_dict["NAME"]))
    tenants = [uuid.uuid4() for _ in range(5)]
    with sequencing(sequencer_url()), transaction_elsewhere(url):
        with crew(url, tenants, writers=4) as hands:
            deadline = time.monotonic() + 10
            while hands.told.value < 3000 and time.monotonic() < deadline:
                hands.require_alive()
                time.sleep(0.1)
            acknowledged = hands.acknowledged()
        wait_until_placed(url, tenants, seconds=20)
    found = examine(url, tenants, acknowledged)
    assert found.faults() == {}
    assert found.committed == len(acknowledged) > 500


EVENTS, CRASHES, CRASH_EVERY_S = 500_000, 12, 6.0


@pytest.mark.soak
def test_half_a_million_events_and_a_server_that_is_stopped_at_once_again_and_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with own_server() as (server, logins):
        tenants = [uuid.uuid4() for _ in range(20)]
        with sequencing(logins.sequencer), crew(logins.app, tenants, writers=6) as hands:
            crashes = _crash_again_and_again(server, hands)
            acknowledged = hands.acknowledged()
            caught_up = wait_until_placed(logins.app, tenants, seconds=300)
        found = examine(logins.app, tenants, acknowledged)
    with capsys.disabled():
        print(_words(found, acknowledged, crashes, caught_up))
    assert found.faults() == {}
    assert len(acknowledged) >= EVENTS
    assert crashes >= 10


def _crash_again_and_again(server: postgres.Postgres, hands: Crew) -> int:
    crashes = 0
    while crashes < CRASHES or hands.told.value < EVENTS:
        time.sleep(CRASH_EVERY_S)
        hands.require_alive()
        if crashes < CRASHES:
            server.stop(mode="immediate")
            postgres.start(server.state)
            crashes += 1
    return crashes


def _words(found: Findings, acknowledged: Collection[bytes], crashes: int, took: float) -> str:
    extra = found.committed - len(acknowledged)
    return (
        f"\n{len(acknowledged):,} acknowledged, {crashes} crashes, {extra} kept without being "
        f"acknowledged, caught up in {took:.1f} s, faults: {found.faults() or 'none'}"
    )


@contextmanager
def own_server() -> Iterator[tuple[postgres.Postgres, roles.Logins]]:
    """A durable server with the console's schema, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bailiwick-torture-") as place:
        state = Path(place)
        state.chmod(0o711)  # as root, the server's own account must pass through
        server = postgres.start(state)
        try:
            secret = uuid.uuid4().hex
            logins = roles.prepare(server.superuser_url, secret=lambda name: f"{name}{secret}")
            _migrate(logins)
            yield server, logins
        finally:
            server.stop(mode="immediate")


def _migrate(logins: roles.Logins) -> None:
    env = {**os.environ, "DATABASE_OWNER_URL": logins.owner, "BAILIWICK_ROLE": "owner"}
    done = subprocess.run(
        [*processes.MANAGE, "migrate", "--no-input"],
        cwd=PROJECT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
