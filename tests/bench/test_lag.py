"""From a writer's confirmed commit to the signed checkpoint that includes it, for every event."""

import multiprocessing
import os
import statistics
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event

import psycopg
import pytest
from django.db import connection as app_connection

from apps.common.ids import new_id
from apps.ledger.sequencer.session import Session
from apps.ledger.sequencer.wire import Connection, Packed, PackedDumper, byteas, connect
from console.dev import urls
from tests.bench.report import record
from tests.ledger.bodies import body_of
from tests.ledger.note_keys import MemoryKeys
from tests.ledger.sequencing import HOST, open_session, run_dry, sequencer_url

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

TENANTS, SECONDS, WRITERS, STEPS = 1_000, 10, 4, 15
EVENTS_EACH = 10  # in one transaction, as an act on several things has them
ASKED, MODEST = 20_000, 5_000  # events a second: the target, and what a busy laptop's cores append
CADENCE_S = 0.1
TARGET_MS = 250
_SPAWN = multiprocessing.get_context("spawn")
# One round trip per transaction: what the client costs is not what is measured.
_APPEND = "SELECT ledger_add(VARIADIC %s::bytea[]) FROM set_config('app.tenant', %s, true)"

Told = dict[bytes, float]
"""When a writer knew that the event of this id was committed (seconds of the clock)."""


@dataclass(frozen=True)
class Load:
    """One writer's share: transactions (tenant, ids, bodies) at an even pace."""

    url: str
    tenants: Sequence[uuid.UUID]
    transactions: int
    per_second: float


@pytest.mark.parametrize("asked", [MODEST, ASKED])
def test_lag_at_an_even_pace(asked: int) -> None:
    """Where fewer are appended than asked for, appending has used up the machine's cores, and the
    lag tells how long the sequencer waited for one."""
    _report("checkpoint lag", asked)


def test_lag_beside_a_transaction_that_does_not_end() -> None:
    """In another database of the same server, open before the first event and after the last."""
    with psycopg.connect(urls.with_database(_app_url(), "postgres")) as other:
        other.execute("SELECT pg_current_xact_id()")
        _report("lag beside an open transaction", MODEST)
        other.rollback()


def test_a_tenth_of_a_second_of_twenty_thousand_events_a_second() -> None:
    """What one step costs, whoever else wants the cores: 2,000 events, two in each of the logs.

    Twice its duration is about the longest an event waits at that pace.
    """
    tenants = [uuid.uuid4() for _ in range(TENANTS)]
    took, worked = [], []
    with open_session(limit=2 * TENANTS) as session:
        assert session.lead()
        run_dry(session)
        for _ in range(STEPS):
            _append_to_each(tenants)
            began, before = time.perf_counter(), time.process_time()
            assert session.step()[0] == 2 * TENANTS
            took.append(time.perf_counter() - began)
            worked.append(time.process_time() - before)
    took.sort()
    name = "a step of 2,000 events in 1,000 logs"
    record("ledger", f"{name}: median", 1000 * took[len(took) // 2], "ms")
    record("ledger", f"{name}: longest", 1000 * took[-1], "ms", peer="at most 125 ms")
    record("ledger", f"{name}: the sequencer's own work", 1000 * statistics.median(worked), "ms")
    print(f"{name}: {', '.join(f'{1000 * each:.0f}' for each in took)} ms")


def _append_to_each(tenants: Sequence[uuid.UUID]) -> None:
    with writing(_app_url()) as connection:
        for tenant in tenants:
            connection.execute(_APPEND, [byteas([body_of(tenant), body_of(tenant)]), str(tenant)])


def _report(what: str, asked: int) -> None:
    lags, rate = _measure(asked)
    name = f"{what}, {asked:,}/s asked"
    lags.sort()
    p50, p99 = (1000 * lags[int(len(lags) * part)] for part in (0.50, 0.99))
    record("ledger", f"{name}: appended", rate, "1/s", peer="asked for", ratio=rate / asked)
    record("ledger", f"{name}: p50", p50, "ms")
    record("ledger", f"{name}: p99", p99, "ms", peer="at most 250 ms", ratio=p99 / TARGET_MS)
    print(f"{name}: {rate:,.0f}/s, p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(lags):,} events")


def _measure(asked: int) -> tuple[list[float], float]:
    tenants = [uuid.uuid4() for _ in range(TENANTS)]
    with sequencing() as signed:
        told = _write(tenants, asked)
        batches = _batches(tenants)
        deadline = time.monotonic() + 60
        while len(batches) < len(told):
            assert time.monotonic() < deadline, "events are left without positions"
            time.sleep(0.2)
            batches = _batches(tenants)
    at = signed()
    rate = len(told) / (max(told.values()) - min(told.values()))
    return [max(0.0, at[batches[event]] - when) for event, when in told.items()], rate


def _write(tenants: Sequence[uuid.UUID], asked: int) -> Told:
    each = asked // EVENTS_EACH // WRITERS
    load = Load(_app_url(), tenants, each * SECONDS, each)
    start, results = _SPAWN.Barrier(WRITERS), _SPAWN.Queue()
    writers = [_SPAWN.Process(target=write, args=(load, start, results)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    told: Told = {}
    for _ in writers:
        told |= results.get(timeout=300)
    for writer in writers:
        writer.join()
    return told


def write(load: Load, start: "multiprocessing.synchronize.Barrier", results: "Queue[Told]") -> None:
    """Make the bodies first, then commit them at the asked pace."""
    work = []
    for number in range(load.transactions):
        tenant = load.tenants[number * 7919 % len(load.tenants)]
        ids = [new_id() for _ in range(EVENTS_EACH)]
        bodies = [body_of(tenant, event_id=str(each), data={"n": number}) for each in ids]
        work.append(([byteas(bodies), str(tenant)], [each.bytes for each in ids]))
    told: Told = {}
    with writing(load.url) as connection:
        start.wait()
        began = time.monotonic()
        for number, (values, keys) in enumerate(work):
            time.sleep(max(0.0, began + number / load.per_second - time.monotonic()))
            connection.execute(_APPEND, values)
            told |= dict.fromkeys(keys, time.time())
    results.put(told)


def writing(url: str) -> Connection:
    """A connection that commits each statement and sends arrays as they are packed."""
    connection = psycopg.connect(url, autocommit=True)
    connection.adapters.register_dumper(Packed, PackedDumper)
    return connection


@contextmanager
def sequencing() -> Iterator["Signed"]:
    """The sequencer in a process of its own; in the end it tells when each batch was committed."""
    stop, results = _SPAWN.Event(), _SPAWN.Queue()
    process = _SPAWN.Process(target=sequence, args=(sequencer_url(), stop, results))
    with ExitStack() as stack:
        process.start()
        stack.callback(process.join)
        stack.callback(stop.set)
        results.get(timeout=60)  # it leads
        signed = Signed(stop, results)
        yield signed


@dataclass
class Signed:
    """Ask once: batch numbers to when they were committed."""

    stop: Event
    results: "Queue[dict[int, float]]"

    def __call__(self) -> dict[int, float]:
        return self.results.get(timeout=60)


def sequence(url: str, stop: Event, results: "Queue[dict[int, float]]") -> None:
    """What the real process does, noting the time after each commit."""
    keys, at = MemoryKeys(), dict[int, float]()
    with connect(url) as connection:
        session = Session(
            connection,
            host=HOST,
            keys=lambda: keys,
            now=lambda: datetime.now(UTC),
            report=lambda tenant, words: print(f"set aside: {tenant}: {words}"),
        )
        assert session.lead()
        while session.step()[0]:
            pass  # what other tests left
        results.put({})
        while not stop.is_set():
            began = time.monotonic()
            events, more = session.step()
            if events:
                at[session.batch] = time.time()
            if not more:
                stop.wait(max(0.0, CADENCE_S - (time.monotonic() - began)))
    results.put(at)


def _batches(tenants: Sequence[uuid.UUID]) -> dict[bytes, int]:
    with psycopg.connect(sequencer_url()) as connection:
        rows = connection.execute(
            "SELECT event_id, batch FROM ledger_leaf WHERE tenant_id = ANY (%s)", [list(tenants)]
        )
        return {event_id.bytes: batch for event_id, batch in rows}


def _app_url() -> str:
    return urls.with_database(os.environ["DATABASE_URL"], str(app_connection.settings_dict["NAME"]))
