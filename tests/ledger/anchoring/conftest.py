"""Logs of made-up tenants in the real tables, all of it rolled back after the test.

A log has a sequencer of its own here, in memory: leaves and a signed checkpoint per call.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import TupleRow

from apps.ledger import note
from apps.ledger.anchoring.anchorer import Anchorer, verifiers
from apps.ledger.anchoring.outside import Outside
from apps.ledger.anchoring.remembered import AnchorFile
from apps.ledger.anchoring.witnessing import WitnessAnchor
from apps.ledger.merkle import Frontier, leaf_hash
from apps.ledger.note import Checkpoint, Verifier
from apps.ledger.signing import NoteKey, PublicKey
from apps.ledger.witness.judge import Judge as WitnessJudge
from apps.ledger.witness.logs import LogFile
from apps.ledger.witness.memory import Memory
from apps.ledger.witness.serve import WitnessServer
from tests.cast import Cast, make_cast
from tests.ledger.witness.conftest import Key

Connection = psycopg.Connection[TupleRow]
ORIGIN = "books.example/ledger"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@dataclass
class OneKey:
    """The installation's keys: one, in memory."""

    key: Key = field(default_factory=Key)

    def active(self, now: datetime) -> tuple[NoteKey, ...]:
        return (self.key,)

    def public_history(self) -> tuple[PublicKey, ...]:
        return (PublicKey(self.key.public, NOW - timedelta(days=1)),)


@dataclass
class Books:
    """Tenants' logs on one connection, in one transaction."""

    connection: Connection
    keys: OneKey
    edges: dict[UUID, Frontier] = field(default_factory=dict)

    def tenant(self, entries: int = 3) -> UUID:
        tenant = uuid4()
        self.grow(tenant, entries)
        return tenant

    def grow(self, tenant: UUID, entries: int, word: str = "entry") -> None:
        size = self.edges.setdefault(tenant, Frontier()).size
        numbers = range(size, size + entries)
        bodies = [f"{word} {number} of {tenant}".encode() for number in numbers]
        self.add(tenant, [(uuid4(), leaf_hash(body)) for body in bodies])

    def add(self, tenant: UUID, entries: Sequence[tuple[UUID, bytes]]) -> None:
        """Give these events their positions, and sign."""
        edge = self.edges.setdefault(tenant, Frontier())
        leaves = [leaf for _, leaf in entries]
        for seq, (event_id, leaf) in enumerate(entries, start=edge.size):
            self.connection.execute(
                "INSERT INTO ledger_leaf (tenant_id, seq, eid, event_id, leaf, batch)"
                " VALUES (%s, %s, %s, %s, %s, 0)",
                [tenant, seq, -secrets.randbits(62), event_id, leaf],
            )
        edge.append_many(leaves)
        name = f"{ORIGIN}/{tenant}"
        text = Checkpoint(name, edge.size, edge.root()).text
        self.connection.execute(
            "INSERT INTO ledger_checkpoint (tenant_id, size, root, frontier, note)"
            " VALUES (%s, %s, %s, %s, %s)",
            [
                tenant,
                edge.size,
                edge.root(),
                edge.to_bytes(),
                note.sign(text, name=name, keys=[self.keys.key]),
            ],
        )

    def anchorer(self, place: Path, outsides: Sequence[Outside] = ()) -> Anchorer:
        """Grows the log of logs at every step."""
        return Anchorer(
            origin=ORIGIN,
            keys=lambda: self.keys,
            file=AnchorFile(place),
            outsides=outsides,
            interval=timedelta(0),
        )

    def one(self, query: str, *values: object) -> TupleRow | None:
        return self.connection.execute(query, values).fetchone()


GROWING = (
    "ledger_anchorproblem",
    "ledger_anchor",
    "ledger_rootcheckpoint",
    "ledger_rootnode",
    "ledger_rootleaf",
    "ledger_checkpoint",
)


@pytest.fixture
def nobody_else(admin_connection: Connection) -> Iterator[Connection]:
    """As the sequencer, which may add and read, in a database without other tests' logs: a
    superuser has taken them away in this transaction, which is undone unless a test commits it.
    Every guard is as it was by then."""
    for table in GROWING:
        _take_away(admin_connection, table)
    admin_connection.execute("SET LOCAL ROLE console_sequencer")
    yield admin_connection
    admin_connection.rollback()


def _take_away(admin: Connection, table: str) -> None:
    guard = f"{table}_refuse"
    kept = admin.execute("SELECT pg_get_functiondef(%s::regproc)", [guard]).fetchone()
    assert kept is not None
    admin.execute(
        f"CREATE OR REPLACE FUNCTION {guard}() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN OLD; END $$"
    )
    admin.execute(f"DELETE FROM {table}")
    admin.execute(kept[0])


@pytest.fixture
def books(nobody_else: Connection) -> Books:
    """As the sequencer's login, which may add and read."""
    return Books(nobody_else, OneKey())


@pytest.fixture
def witness(tmp_path: Path, books: Books) -> Iterator[WitnessServer]:
    """A witness over HTTP that was told the key of the made-up log of logs."""
    logs = tmp_path / "logs"
    logs.write_text(f"{Verifier(ORIGIN, books.keys.key.public)}\n")
    memory = Memory(tmp_path / "witness.sqlite")
    judge = WitnessJudge("witness.example/w1", memory, LogFile(logs), lambda: datetime.now(UTC))
    with WitnessServer("127.0.0.1", 0, judge) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=5)
    memory.close()


@pytest.fixture
def witness_anchor(witness: WitnessServer, books: Books) -> WitnessAnchor:
    """How the console asks that witness."""
    return WitnessAnchor(witness.url, witness.judge.witness, lambda: verifiers(ORIGIN, books.keys))


@dataclass
class Tampering(Books):
    """The same with a superuser's hands free in between."""

    def as_superuser(self, *queries: str) -> None:
        self.connection.execute("RESET ROLE")
        for query in queries:
            self.connection.execute(query)
        self.connection.execute("SET LOCAL ROLE console_sequencer")

    def put_back(self) -> "PutBack":
        return PutBack(self)


@dataclass
class PutBack:
    """A backup: `with books.put_back(): …` undoes everything written inside the block."""

    books: Tampering

    def __enter__(self) -> None:
        self.edges = {tenant: edge.copy() for tenant, edge in self.books.edges.items()}
        self.books.connection.execute("SAVEPOINT backup")

    def __exit__(self, *_: object) -> None:
        self.books.connection.execute("ROLLBACK TO SAVEPOINT backup")
        self.books.edges = self.edges


@pytest.fixture
def tampered(nobody_else: Connection) -> Tampering:
    """As a superuser who mostly acts as the sequencer."""
    return Tampering(nobody_else, OneKey())


@pytest.fixture
def cast(db: None) -> Cast:
    """Tenants of the test's own: positions are committed here, and stay when the rest goes."""
    return make_cast()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the last anchor is remembered."""
    return tmp_path / "anchors" / "last.json"
