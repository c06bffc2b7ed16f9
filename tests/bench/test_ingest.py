"""Taking in events: plain INSERT, a hash chain under an advisory lock, and `ledger_add`.

All three write the same event on a guarded server that waits for its disk. The plain table has the
ledger's indexes, the chain only those it needs.
Rounds are interleaved, so that a busy machine slows all alike. Where the disk answers in less than
a millisecond, a second series has each group of commits wait a millisecond as well
(`commit_delay`), a fair floor for a disk that keeps its promises.
"""

import statistics
from collections.abc import Iterator

import pytest

from tests.bench.ingest import FLOOR, Server, durable_server
from tests.bench.ingest_sql import HOT, MANY, WAYS
from tests.bench.report import record

pytestmark = pytest.mark.bench

ROUNDS = 3
CROWDS = {"one tenant": HOT, "900 tenants": MANY}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with durable_server() as running:
        record("ledger", "flush of this disk", running.flush, "µs")
        yield running


def _rates(server: Server, clients: int, tenants: str) -> dict[str, float]:
    rounds = [
        {way: server.rate(way, clients=clients, tenants=tenants) for way in WAYS}
        for _ in range(ROUNDS)
    ]
    return {way: statistics.median(found[way] for found in rounds) for way in WAYS}


def _measure(server: Server, clients: int, crowd: str, conditions: str) -> dict[str, float]:
    rates = _rates(server, clients, CROWDS[crowd])
    name = f"ingest, {clients} client{'s' if clients > 1 else ''}, {crowd}{conditions}"
    peers = {"plain": "plain INSERT, same indexes", "chain": "hash chain under an advisory lock"}
    for way, peer in peers.items():
        record(
            "ledger",
            f"{name}, beside {way}",
            rates["ours"],
            "events/s",
            peer=f"{peer}: {rates[way]:,.0f}",
            ratio=rates["ours"] / rates[way],
        )
    return rates


@pytest.mark.parametrize("crowd", CROWDS)
@pytest.mark.parametrize("clients", [1, 8, 32])
def test_ingest_on_this_disk(server: Server, clients: int, crowd: str) -> None:
    server.wait_as_if(0)
    rates = _measure(server, clients, crowd, "")
    if clients == 8:
        assert rates["ours"] >= 0.95 * rates["plain"]


@pytest.mark.parametrize("crowd", CROWDS)
@pytest.mark.parametrize("clients", [1, 8, 32])
def test_ingest_where_a_flush_costs_a_millisecond(server: Server, clients: int, crowd: str) -> None:
    if server.flush < FLOOR:
        server.wait_as_if(FLOOR)
    rates = _measure(server, clients, crowd, ", 1 ms flush")
    wanted = {8: 4, 32: 15}.get(clients, 0) if crowd == "one tenant" else 0
    assert rates["ours"] >= wanted * rates["chain"]
    if clients == 8:
        assert rates["ours"] >= 0.95 * rates["plain"]
