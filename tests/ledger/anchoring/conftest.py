"""Logs of made-up tenants in the real tables, all of it rolled back after the test.

A log has a sequencer of its own here, in memory: leaves and a signed checkpoint per call.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import TupleRow

from apps.ledger import note
from apps.ledger.anchoring.anchorer import Anchorer
from apps.ledger.anchoring.outside import Outside
from apps.ledger.anchoring.remembered import AnchorFile
from apps.ledger.merkle import Frontier, leaf_hash
from apps.ledger.note import Checkpoint
from apps.ledger.signing import NoteKey, PublicKey
from tests.ledger.witness.conftest import Key

Connection = psycopg.Connection[TupleRow]
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
        edge = self.edges.setdefault(tenant, Frontier())
        leaves = [
            leaf_hash(f"{word} {number} of {tenant}".encode())
            for number in range(edge.size, edge.size + entries)
        ]
        for seq, leaf in enumerate(leaves, start=edge.size):
            self.connection.execute(
                "INSERT INTO ledger_leaf (tenant_id, seq, eid, event_id, leaf, batch)"
                " VALUES (%s, %s, %s, %s, %s, 0)",
                [tenant, seq, -secrets.randbits(62), uuid4(), leaf],
            )
        edge.append_many(leaves)
        name = f"books.example/ledger/{tenant}"
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
            origin="books.example/ledger",
            keys=lambda: self.keys,
            file=AnchorFile(place),
            outsides=outsides,
            interval=timedelta(0),
        )

    def one(self, query: str, *values: object) -> TupleRow | None:
        return self.connection.execute(query, values).fetchone()


@pytest.fixture
def books(sequencer_connection: Connection) -> Iterator[Books]:
    """As the sequencer's login, which may add and read."""
    yield Books(sequencer_connection, OneKey())
    sequencer_connection.rollback()


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
def tampered(admin_connection: Connection) -> Iterator[Tampering]:
    """As a superuser who mostly acts as the sequencer."""
    admin_connection.execute("SET LOCAL ROLE console_sequencer")
    yield Tampering(admin_connection, OneKey())
    admin_connection.rollback()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the last anchor is remembered."""
    return tmp_path / "anchors" / "last.json"
