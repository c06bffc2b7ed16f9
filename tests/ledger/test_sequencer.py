"""Positions, trees and signatures over what was committed, however it was committed."""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import note, services, signing
from apps.ledger.merkle import leaf_hash, root_of
from apps.ledger.models import Checkpoint, Event, Leaf, Tile
from apps.ledger.sequencer.leading import Sequencer
from apps.ledger.tiles import split
from apps.tenancy.models import Tenant
from tests.cast import INSTALLER
from tests.ledger.note_keys import MemoryKey, MemoryKeys
from tests.ledger.sequencing import (
    HOST,
    KEYS,
    Watched,
    open_session,
    run_dry,
    sequence_all,
    sequencer_url,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> Tenant:
    return new_tenant()


def new_tenant() -> Tenant:
    tenant_id = uuid.uuid4()
    with scoped(tenant_id=tenant_id):
        return Tenant.objects.create(id=tenant_id, slug=f"log-{tenant_id.hex[:12]}", name="Log")


def act(tenant: Tenant, number: int = 0) -> Event:
    return services.record(
        actor=INSTALLER,
        action="tenancy.member.added",
        target=tenant,
        at=database_now(),
        data={"number": number},
    )


def acts(tenant: Tenant, count: int) -> list[Event]:
    with scoped(tenant_id=tenant.pk):
        return [act(tenant, number) for number in range(count)]


@contextmanager
def elsewhere() -> Iterator[None]:
    """Another connection of the console: what runs inside commits on its own."""
    mine = connection.connection
    connection.connection = None
    connection.connect()
    try:
        yield
    finally:
        connection.close()
        connection.connection = mine


def require_whole(tenant: Tenant, count: int, *, keys: MemoryKeys = KEYS) -> None:
    """No gap, no double, and the root that was signed is that of the bodies."""
    with scoped(tenant_id=tenant.pk):
        rows = list(Leaf.objects.order_by("seq"))
        assert [row.seq for row in rows] == list(range(count))
        bodies = {event.pk: bytes(event.body) for event in Event.objects.all()}
        leaves = [leaf_hash(bodies[row.event_id]) for row in rows]
        assert len(bodies) == count
        assert [bytes(row.leaf) for row in rows] == leaves
        last = Checkpoint.objects.order_by("-size").first()
        tiles = list(Tile.objects.filter(level=0).order_by("idx"))
        assert [tile.idx for tile in tiles] == list(range(count // 256))
        assert [each for tile in tiles for each in split(bytes(tile.data))] == leaves[
            : count // 256 * 256
        ]
    assert last is not None and last.size == count
    name = f"{HOST}/ledger/{tenant.pk}"
    verifiers = [note.Verifier(name, key.public) for key in keys.public_history()]
    told = note.Checkpoint.parse(note.check(last.note, verifiers).text)
    assert told == note.Checkpoint(name, count, root_of(leaves))
    assert bytes(last.root) == told.root


def test_events_get_positions_and_a_signed_root(tenant: Tenant) -> None:
    acts(tenant, 3)
    sequence_all()
    require_whole(tenant, 3)
    acts(tenant, 2)
    sequence_all()
    require_whole(tenant, 5)


def test_what_was_rolled_back_leaves_no_gap(tenant: Tenant) -> None:
    acts(tenant, 2)
    with pytest.raises(ZeroDivisionError), scoped(tenant_id=tenant.pk):
        act(tenant)
        raise ZeroDivisionError
    acts(tenant, 2)
    sequence_all()
    require_whole(tenant, 4)


def test_tiles_fill_up_across_batches(tenant: Tenant) -> None:
    with open_session(limit=100) as session:
        assert session.lead()
        for count in (200, 100, 300):
            acts(tenant, count)
            run_dry(session)
    require_whole(tenant, 600)


def test_an_event_that_is_committed_late_still_gets_its_position(tenant: Tenant) -> None:
    """By a process that has seen the hole, and by one that comes after it."""
    with open_session() as session:
        assert session.lead()
        run_dry(session)
        before = session.order.hwm
        with scoped(tenant_id=tenant.pk):
            act(tenant, 1)
            with elsewhere():
                acts(tenant, 1)
            assert run_dry(session) == 1
        assert run_dry(session) == 1
        assert [hole for hole in session.order.holes if hole.last > before] == []
        require_whole(tenant, 2)
    with scoped(tenant_id=tenant.pk):
        act(tenant, 2)
        with elsewhere():
            acts(tenant, 1)
        sequence_all()
    sequence_all()
    require_whole(tenant, 4)


def test_an_open_transaction_holds_up_nobody(
    tenant: Tenant, owner_connection: psycopg.Connection
) -> None:
    owner_connection.execute("SELECT pg_current_xact_id()")
    with open_session() as session:
        assert session.lead()
        run_dry(session)
        acts(tenant, 20)
        with pytest.raises(ZeroDivisionError), scoped(tenant_id=tenant.pk):
            act(tenant)
            raise ZeroDivisionError
        acts(tenant, 20)
        assert run_dry(session) == 40
    owner_connection.rollback()
    require_whole(tenant, 40)


def test_two_logs_grow_apart(tenant: Tenant) -> None:
    other = new_tenant()
    for _ in range(3):
        acts(tenant, 1)
        acts(other, 2)
    sequence_all()
    require_whole(tenant, 3)
    require_whole(other, 6)


def test_both_keys_sign_while_one_takes_over(tenant: Tenant) -> None:
    old, new = MemoryKey(), MemoryKey()
    keys = MemoryKeys([old])
    acts(tenant, 1)
    with open_session(keys=keys) as session:
        assert session.lead()
        run_dry(session)
        keys.signing = [new, old]
        acts(tenant, 1)
        run_dry(session)
    require_whole(tenant, 2, keys=MemoryKeys([old]))
    require_whole(tenant, 2, keys=MemoryKeys([new]))


def test_only_one_leads_and_the_other_takes_over_when_its_connection_is_lost(
    tenant: Tenant, admin_connection: psycopg.Connection
) -> None:
    with open_session() as first, open_session() as second:
        assert first.lead()
        assert not second.lead()
        pid = first.connection.info.backend_pid
        admin_connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        acts(tenant, 2)
        assert second.lead()
        run_dry(second)
        with pytest.raises(psycopg.OperationalError):
            first.step()
    require_whole(tenant, 2)


def test_the_process_comes_back_after_its_connection_was_cut(
    tenant: Tenant, admin_connection: psycopg.Connection
) -> None:
    stop = threading.Event()
    sessions = []

    def opened(fresh: Any) -> Any:
        with open_session() as shape:
            pass
        shape.connection = fresh
        sessions.append(shape)
        return shape

    runner = Sequencer(url=sequencer_url(), open_session=opened, cadence_s=0.01)
    thread = threading.Thread(target=runner.run, args=[stop])
    thread.start()
    try:
        acts(tenant, 1)
        wait_until(lambda: size_of(tenant) == 1)
        pid = sessions[-1].connection.info.backend_pid
        admin_connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        acts(tenant, 1)
        wait_until(lambda: size_of(tenant) == 2)
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    require_whole(tenant, 2)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE ledger_checkpoint SET root = sha256('x') WHERE tenant_id = %s", "another tree"),
        ("UPDATE ledger_checkpoint SET frontier = sha256('x') WHERE tenant_id = %s", "size 3 has"),
        ("UPDATE ledger_checkpoint SET note = 'x' WHERE tenant_id = %s", "checkpoint of 3"),
        ("UPDATE ledger_leaf SET leaf = sha256('x') WHERE tenant_id = %s AND seq = 1", "leaves 0"),
        ("DELETE FROM ledger_leaf WHERE tenant_id = %s AND seq = 2", "last position"),
        ("DELETE FROM ledger_checkpoint WHERE tenant_id = %s", "under a checkpoint of None"),
    ],
)
def test_a_damaged_log_is_set_aside_and_the_others_go_on(
    tenant: Tenant, admin_connection: psycopg.Connection, damage: str, words: str
) -> None:
    other = new_tenant()
    acts(tenant, 3)
    sequence_all()
    admin_connection.execute("SET session_replication_role = replica")
    for table in ("ledger_checkpoint", "ledger_leaf"):
        admin_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_change")
    admin_connection.execute(damage, [tenant.pk])
    for table in ("ledger_checkpoint", "ledger_leaf"):
        admin_connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change")
    admin_connection.commit()
    acts(tenant, 1)
    acts(other, 2)
    with open_session() as session:
        assert session.lead()
        assert run_dry(session) == 2
        [said] = said_of(tenant, session)
        assert words in said
        assert tenant.pk not in session.mended()
    require_whole(other, 2)
    waiting = admin_connection.execute(
        "SELECT max(eid) FROM ledger_event WHERE tenant_id = %s", [tenant.pk]
    ).fetchone()
    with open_session() as session:
        assert session.lead()
        assert waiting and session.order.low < waiting[0], "whoever comes next looks at it"


def test_a_log_goes_on_after_it_was_mended(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    acts(tenant, 1)

    def judge(of: uuid.UUID, *state: Any) -> None:
        if of == tenant.pk:
            raise signing.MayNotSign("an anchor knows more")

    monkeypatch.setattr(signing, "_judges", [judge])
    with open_session() as session:
        assert session.lead()
        assert run_dry(session) == 0
        assert said_of(tenant, session) == ["an anchor knows more"]
        monkeypatch.setattr(signing, "_judges", [])
        assert tenant.pk in session.mended()
        session.start()
        assert run_dry(session) == 1
    require_whole(tenant, 1)


def test_a_key_that_fails_signs_nothing_and_places_nothing(tenant: Tenant) -> None:
    class Broken(MemoryKey):
        def sign(self, message: bytes) -> bytes:
            raise ConnectionError("the module is gone")

    acts(tenant, 2)
    keys = MemoryKeys([Broken()])
    with open_session(keys=keys) as session:
        assert session.lead()
        with pytest.raises(ConnectionError):
            run_dry(session)
        assert size_of(tenant) == 0
    sequence_all()
    require_whole(tenant, 2)


def test_what_the_database_refuses_of_one_log_does_not_stop_another(
    tenant: Tenant, owner_connection: psycopg.Connection
) -> None:
    other = new_tenant()
    [poisoned] = acts(tenant, 1)
    acts(other, 2)
    with open_session() as session:
        # The event has a position in a log that is not its own: the number is taken.
        with scoped(tenant_id=tenant.pk), connection.cursor() as cursor:
            cursor.execute("SELECT eid FROM ledger_event WHERE id = %s", [poisoned.pk])
            [eid] = cursor.fetchone()
        session.connection.execute(
            "INSERT INTO ledger_leaf (tenant_id, seq, eid, event_id, leaf, batch)"
            " VALUES (%s, 0, %s, %s, %s, 0)",
            [uuid.uuid4(), eid, poisoned.pk, bytes(32)],
        )
        session.connection.commit()
        assert session.lead()
        run_dry(session)
        assert said_of(tenant, session)
    require_whole(other, 2)


def said_of(tenant: Tenant, session: Watched) -> list[str]:
    """Other tests leave damaged logs behind, so only this one's."""
    return [words for reported, words in session.reports if reported == tenant.pk]


def size_of(tenant: Tenant) -> int:
    with scoped(tenant_id=tenant.pk):
        last = Checkpoint.objects.order_by("-size").first()
        return last.size if last else 0


def wait_until(ready: Any, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
