"""Processes that append as the serving role: in haste, at length, rolled back, cut off."""

from __future__ import annotations

import multiprocessing
import random
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event

import psycopg

from apps.common.ids import new_id
from tests.ledger.bodies import body_of

ROLLED_BACK, XID_FIRST, LONG = 0.10, 0.15, 0.02  # shares of all transactions
MOST_EVENTS = 16  # in one transaction
_SPAWN = multiprocessing.get_context("spawn")  # the parent has threads: it must not be forked
_LAST_SEEN = "SELECT id FROM ledger_event WHERE tenant_id = %s ORDER BY eid DESC LIMIT 1"
_TOGETHER = "SELECT ledger_add(VARIADIC %s::bytea[])"
_ONE_BY_ONE = "SELECT ledger_append(body) FROM unnest(%s::bytea[]) AS body"


@dataclass(frozen=True)
class Plan:
    """What one writer does until it is stopped."""

    url: str
    tenants: Sequence[uuid.UUID]
    seed: int


class Crew:
    """Writers at work, and what they were told is committed."""

    def __init__(self, url: str, tenants: Sequence[uuid.UUID], *, writers: int) -> None:
        self.stop = _SPAWN.Event()
        self.told = _SPAWN.Value("q", 0)
        self._results: Queue[list[bytes]] = _SPAWN.Queue()
        self._processes = [
            _SPAWN.Process(
                target=write, args=(Plan(url, tenants, seed), self.stop, self.told, self._results)
            )
            for seed in range(writers)
        ]
        for process in self._processes:
            process.start()

    def require_alive(self) -> None:
        """They end only when told to."""
        assert all(process.is_alive() for process in self._processes), "a writer has ended"

    def acknowledged(self) -> set[bytes]:
        """Stop them; ids of the events whose commit was confirmed."""
        self.stop.set()
        found = [self._results.get(timeout=60) for _ in self._processes]
        for process in self._processes:
            process.join(60)
            assert process.exitcode == 0
        return {each for one in found for each in one}


@contextmanager
def crew(url: str, tenants: Sequence[uuid.UUID], *, writers: int) -> Iterator[Crew]:
    """Writers that end with the block, however it ends."""
    hands = Crew(url, tenants, writers=writers)
    try:
        yield hands
    finally:
        hands.stop.set()


def write(plan: Plan, stop: Event, told: object, results: Queue[list[bytes]]) -> None:
    """Append until stopped; a lost connection is opened again, its transaction forgotten."""
    chance = random.Random(plan.seed)
    acknowledged: list[bytes] = []
    while not stop.is_set():
        try:
            with psycopg.connect(plan.url, connect_timeout=10) as connection:
                while not stop.is_set():
                    done = _transact(connection, plan, chance)
                    acknowledged += done
                    with told.get_lock():  # type: ignore[attr-defined]
                        told.value += len(done)  # type: ignore[attr-defined]
        except psycopg.OperationalError:  # the server was stopped under it
            time.sleep(0.05)
    results.put(acknowledged)


def _transact(connection: psycopg.Connection, plan: Plan, chance: random.Random) -> list[bytes]:
    """One transaction; ids of its events once the commit is confirmed, none if rolled back."""
    tenant = chance.choice(plan.tenants)
    connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
    if chance.random() < XID_FIRST:
        connection.execute("SELECT pg_current_xact_id()")
        time.sleep(chance.random() * 0.02)
    ids = _append(connection, tenant, chance.randint(1, MOST_EVENTS))
    if chance.random() < LONG:
        time.sleep(chance.random() * 0.5)
        ids += _append(connection, tenant, 1)
    if chance.random() < ROLLED_BACK:
        connection.rollback()
        return []
    connection.commit()
    return ids


def _append(connection: psycopg.Connection, tenant: uuid.UUID, count: int) -> list[bytes]:
    """Events that tell which committed event their writer had seen before it wrote them."""
    row = connection.execute(_LAST_SEEN, [tenant]).fetchone()
    seen = {"saw": str(row[0])} if row else {}
    bodies, ids = [], []
    for _ in range(count):
        event_id = new_id()
        ids.append(event_id.bytes)
        bodies.append(body_of(tenant, event_id=str(event_id), data=seen))
    connection.execute(_TOGETHER if count > 1 else _ONE_BY_ONE, [bodies])
    return ids
