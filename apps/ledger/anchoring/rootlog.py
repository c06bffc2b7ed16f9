"""Growing the log of logs: each tenant's newest checkpoint becomes an entry, then all is signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.ledger import note
from apps.ledger.anchoring.guard import Guard, SigningRefused
from apps.ledger.anchoring.heads import ROOT_LOG, Head
from apps.ledger.anchoring.trees import Connection, tenant_hashes
from apps.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    Hashes,
    leaf_hash,
    node_hash,
    subtrees,
)
from apps.ledger.note import Checkpoint
from apps.ledger.signing import NoteKey

# One step into the index per tenant, not a scan over all that it ever signed.
_NEW = """
    WITH RECURSIVE tenants AS (
        (SELECT tenant_id FROM ledger_checkpoint ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT next.tenant_id FROM ledger_checkpoint next
                WHERE next.tenant_id > tenants.tenant_id ORDER BY next.tenant_id LIMIT 1)
        FROM tenants WHERE tenants.tenant_id IS NOT NULL
    )
    SELECT newest.tenant_id, newest.note
    FROM tenants,
        LATERAL (SELECT tenant_id, size, note FROM ledger_checkpoint c
                 WHERE c.tenant_id = tenants.tenant_id ORDER BY size DESC LIMIT 1) newest
    WHERE newest.size > coalesce(
        (SELECT max(l.size) FROM ledger_rootleaf l WHERE l.tenant_id = newest.tenant_id), 0)
    ORDER BY newest.tenant_id
"""
_LEAVES = """
    WITH RECURSIVE tenants AS (
        (SELECT tenant_id FROM ledger_rootleaf ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT next.tenant_id FROM ledger_rootleaf next
                WHERE next.tenant_id > tenants.tenant_id ORDER BY next.tenant_id LIMIT 1)
        FROM tenants WHERE tenants.tenant_id IS NOT NULL
    )
    SELECT newest.tenant_id, newest.leaf, c.note
    FROM tenants,
        LATERAL (SELECT tenant_id, size, leaf FROM ledger_rootleaf l
                 WHERE l.tenant_id = tenants.tenant_id ORDER BY size DESC LIMIT 1) newest
        JOIN ledger_checkpoint c ON c.tenant_id = newest.tenant_id AND c.size = newest.size
"""


@dataclass(frozen=True, slots=True)
class Signed:
    """A global checkpoint as it stands in the database."""

    size: int
    root: bytes
    note: str

    @property
    def head(self) -> Head:
        return Head(self.size, self.root)


def latest(connection: Connection) -> Signed | None:
    """The newest global checkpoint."""
    row = connection.execute(
        "SELECT size, root, note FROM ledger_rootcheckpoint ORDER BY size DESC LIMIT 1"
    ).fetchone()
    return Signed(*row) if row else None


def hashes(connection: Connection) -> Hashes:
    """Read the tree of the log of logs. A missing node raises `LookupError`."""

    def hash_at(level: int, index: int) -> bytes:
        row = connection.execute(
            "SELECT hash FROM ledger_rootnode WHERE level = %s AND idx = %s", [level, index]
        ).fetchone()
        if row is None:
            raise LookupError(f"the log of logs lacks the node {level}/{index}")
        return bytes(row[0])

    return hash_at


@dataclass(frozen=True, slots=True)
class Grown:
    """What one step brought: heads now held fast, by log, and the logs that were left out."""

    heads: Mapping[str, Head]
    refused: Sequence[SigningRefused]


def extend(
    connection: Connection,
    *,
    origin: str,
    keys: Callable[[datetime], Sequence[NoteKey]],
    guard: Guard,
    now: datetime,
) -> Grown:
    """Add what is new and sign, in one transaction.

    A tenant's checkpoint that does not continue its last anchor is left out. Raises
    `SigningRefused` when the log of logs itself does not; then nothing is written.
    """
    with connection.transaction():
        before = latest(connection)
        head = before.head if before else Head(0, EMPTY_ROOT)
        guard.require(ROOT_LOG, head, lambda: hashes(connection))
        entries, refused = _entries(connection, guard)
        if not entries:
            return Grown({}, refused)
        frontier = _frontier(hashes(connection), head.size)
        leaves = [entry.leaf for entry in entries]
        nodes = dict(_nodes(frontier, leaves))
        frontier.append_many(leaves)
        signed = _sign(Checkpoint(origin, frontier.size, frontier.root()), keys(now))
        _write(connection, head.size, entries, nodes, signed)
    held = {str(entry.tenant): entry.head for entry in entries}
    return Grown({**held, ROOT_LOG: signed.head}, refused)


def _entries(connection: Connection, guard: Guard) -> tuple[list[_Entry], list[SigningRefused]]:
    entries, refused = list[_Entry](), list[SigningRefused]()
    for tenant, written in connection.execute(_NEW).fetchall():
        try:
            entry = _Entry.of(tenant, written)
            guard.require(str(tenant), entry.head, entry.reader(connection))
        except SigningRefused as error:
            refused.append(error)
        else:
            entries.append(entry)
    return entries, refused


@dataclass(frozen=True, slots=True)
class _Entry:
    tenant: UUID
    head: Head
    leaf: bytes

    @classmethod
    def of(cls, tenant: UUID, written: str) -> _Entry:
        """Read a checkpoint. Raises `SigningRefused` for one that is none: it was changed."""
        try:
            text = note.parse(written).text
            checkpoint = Checkpoint.parse(text)
        except note.BadNote as error:
            said = "Its newest checkpoint cannot be read: it was changed after it was signed."
            raise SigningRefused(str(tenant), "unknown", said) from error
        return cls(tenant, Head(checkpoint.size, checkpoint.root), leaf_hash(text.encode()))

    def reader(self, connection: Connection) -> Callable[[], Hashes]:
        return lambda: tenant_hashes(connection, self.tenant, self.head.size)


def _sign(checkpoint: Checkpoint, keys: Sequence[NoteKey]) -> Signed:
    text = note.sign(checkpoint.text, name=checkpoint.origin, keys=keys)
    return Signed(checkpoint.size, checkpoint.root, text)


def tenant_heads(connection: Connection) -> Mapping[str, Head]:
    """The newest leaf of each tenant, by its id; a checkpoint that is not its leaf is left out."""
    heads: dict[str, Head] = {}
    for tenant, leaf, written in connection.execute(_LEAVES).fetchall():
        with suppress(SigningRefused):
            entry = _Entry.of(tenant, written)
            if entry.leaf == bytes(leaf):
                heads[str(tenant)] = entry.head
    return heads


def _frontier(hash_at: Hashes, size: int) -> Frontier:
    return Frontier(size, {level: hash_at(level, index) for level, index in subtrees(0, size)})


def _nodes(frontier: Frontier, leaves: Sequence[bytes]) -> Iterable[tuple[tuple[int, int], bytes]]:
    """Every subtree that these leaves complete, by level and index."""
    edge, size = dict(frontier.edge), frontier.size
    for index, leaf in enumerate(leaves, start=size):
        level, place, reached = 0, index, leaf
        yield (0, place), reached
        while place % 2:
            reached = node_hash(edge.pop(level), reached)
            level, place = level + 1, place // 2
            yield (level, place), reached
        edge[level] = reached


def _write(
    connection: Connection,
    start: int,
    entries: Sequence[_Entry],
    nodes: Mapping[tuple[int, int], bytes],
    signed: Signed,
) -> None:
    """By INSERT: PostgreSQL takes no COPY into a table with row security."""
    leaves = [
        (index, entry.tenant, entry.head.size, entry.leaf)
        for index, entry in enumerate(entries, start=start)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_rootleaf (idx, tenant_id, size, leaf)"
            " SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[], %s::bytea[])",
            [list(column) for column in zip(*leaves, strict=True)],
        )
        rows = [(level, index, hashed) for (level, index), hashed in nodes.items()]
        cursor.execute(
            "INSERT INTO ledger_rootnode (level, idx, hash)"
            " SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])",
            [list(column) for column in zip(*rows, strict=True)],
        )
        cursor.execute(
            "INSERT INTO ledger_rootcheckpoint (size, root, note) VALUES (%s, %s, %s)",
            [signed.size, signed.root, signed.note],
        )
