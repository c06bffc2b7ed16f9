"""Write what logs gained: a statement per table, whatever the number of logs."""

from __future__ import annotations

from collections.abc import Sequence

from apps.ledger.sequencer.growing import Growth
from apps.ledger.sequencer.wire import Connection, bigints, byteas, texts, uuids

_LEAVES = """
    INSERT INTO ledger_leaf (tenant_id, seq, eid, event_id, leaf, batch)
    SELECT t, s, e, i, l, %s
    FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::uuid[], %s::bytea[])
        AS x (t, s, e, i, l)
"""
_TILES = """
    INSERT INTO ledger_tile (tenant_id, level, idx, data, root)
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bytea[], %s::bytea[])
"""
_CHECKPOINTS = """
    INSERT INTO ledger_checkpoint (tenant_id, size, root, frontier, note)
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[], %s::bytea[], %s::text[])
"""
_BATCH = "INSERT INTO ledger_batch (id, low, hwm, own_xid, events) VALUES (%s, %s, %s, %s, %s)"
_ROOTS = """
    SELECT root FROM ledger_tile
    WHERE tenant_id = ANY (%s::uuid[]) AND level = %s AND idx >= %s AND idx < %s ORDER BY idx
"""


def write_growth(connection: Connection, growths: Sequence[Growth], batch: int) -> None:
    """Positions, tiles and checkpoints of these logs."""
    _write_leaves(connection, growths, batch)
    tiles = [(growth.tenant, *tile) for growth in growths for tile in growth.tiles]
    if tiles:
        tenants, levels, indexes, data, roots = zip(*tiles, strict=True)
        values = [uuids(tenants), bigints(levels), bigints(indexes), byteas(data), byteas(roots)]
        connection.execute(_TILES, values)
    connection.execute(
        _CHECKPOINTS,
        [
            uuids(growth.tenant for growth in growths),
            bigints([growth.log.edge.size for growth in growths]),
            byteas(growth.root for growth in growths),
            byteas(growth.frontier for growth in growths),
            texts(growth.note for growth in growths),
        ],
    )


def write_batch(
    connection: Connection, batch: int, *, low: int, hwm: int, own_xid: int, events: int
) -> None:
    """The mark from which the next process goes on."""
    connection.execute(_BATCH, [batch, low, hwm, own_xid, events])


def read_roots(
    connection: Connection, tenant: bytes, level: int, start: int, stop: int
) -> list[bytes]:
    """The roots of stored tiles in order."""
    values = [uuids([tenant]), level, start, stop]
    return [row[0] for row in connection.execute(_ROOTS, values, binary=True)]


def _write_leaves(connection: Connection, growths: Sequence[Growth], batch: int) -> None:
    rows = [row for growth in growths for row in growth.rows]
    positions: list[int] = []
    for growth in growths:
        positions += range(growth.before, growth.before + len(growth.rows))
    eids, tenants, ids, leaves = zip(*rows, strict=True)
    values = [batch, uuids(tenants), bigints(positions), bigints(eids), uuids(ids), byteas(leaves)]
    connection.execute(_LEAVES, values)
