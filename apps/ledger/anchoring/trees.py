"""Reading a tenant's tree as the sequencer's login, for proofs against what was anchored."""

from uuid import UUID

import psycopg
from psycopg.rows import TupleRow

from apps.ledger.merkle import Hashes
from apps.ledger.tiles import TileHashes

Connection = psycopg.Connection[TupleRow]

_TILE = "SELECT data FROM ledger_tile WHERE tenant_id = %s AND level = %s AND idx = %s"
_LEAVES = (
    "SELECT leaf FROM ledger_leaf WHERE tenant_id = %s AND seq >= %s AND seq < %s ORDER BY seq"
)


def tenant_hashes(connection: Connection, tenant: UUID, size: int) -> Hashes:
    """The tree of a tenant's first `size` entries; reading raises `ValueError` at a hole."""

    def read_tile(level: int, index: int) -> bytes | None:
        row = connection.execute(_TILE, [tenant, level, index]).fetchone()
        return bytes(row[0]) if row else None

    def read_leaves(start: int, end: int) -> list[bytes]:
        rows = connection.execute(_LEAVES, [tenant, start, end]).fetchall()
        return [bytes(leaf) for (leaf,) in rows]

    return TileHashes(size=size, read_tile=read_tile, read_leaves=read_leaves)
