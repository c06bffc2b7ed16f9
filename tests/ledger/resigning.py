"""What somebody with all rights and the signing key would do: sign a tenant's log as they like.

The sequencer never would: it goes on from what it signed before.
"""

from collections.abc import Sequence
from uuid import UUID

import psycopg

from apps.ledger import note
from apps.ledger.merkle import Frontier, root_of
from apps.ledger.signing import NoteKey
from apps.ledger.tiles import WIDTH
from tests.ledger.sequencing import HOST

EVENTS = "SELECT eid, id, leaf FROM ledger_event WHERE tenant_id = %s ORDER BY eid"
LEAF = (
    "INSERT INTO ledger_leaf (tenant_id, seq, eid, event_id, leaf, batch) VALUES (%s,%s,%s,%s,%s,0)"
)
TILE = "INSERT INTO ledger_tile (tenant_id, level, idx, data, root) VALUES (%s,%s,%s,%s,%s)"
CHECKPOINT = """
    INSERT INTO ledger_checkpoint (tenant_id, size, root, frontier, note)
    VALUES (%s, %s, %s, %s, %s)
"""


def origin_of(tenant: UUID) -> str:
    """The name of a tenant's log."""
    return f"{HOST}/ledger/{tenant}"


def resign(connection: psycopg.Connection, tenant: UUID, keys: Sequence[NoteKey]) -> int:
    """Give positions to all events without one, sign, commit; returns the log's size."""
    known = connection.execute(
        "SELECT eid, leaf FROM ledger_leaf WHERE tenant_id = %s ORDER BY seq", [tenant]
    ).fetchall()
    done = {eid for eid, _ in known}
    leaves = [bytes(leaf) for _, leaf in known]
    for eid, event_id, leaf in connection.execute(EVENTS, [tenant]).fetchall():
        if eid not in done:
            connection.execute(LEAF, [tenant, len(leaves), eid, event_id, leaf])
            leaves.append(bytes(leaf))
    _tiles(connection, tenant, leaves, len(known))
    frontier = Frontier()
    frontier.append_many(leaves)
    text = note.Checkpoint(origin_of(tenant), len(leaves), frontier.root()).text
    signed = note.sign(text, name=origin_of(tenant), keys=keys)
    row = [tenant, len(leaves), frontier.root(), frontier.to_bytes(), signed]
    connection.execute(CHECKPOINT, row)
    connection.commit()
    return len(leaves)


def _tiles(connection: psycopg.Connection, tenant: UUID, leaves: list[bytes], before: int) -> None:
    level, row = 0, leaves
    while len(row) >= WIDTH:
        for index in range(before // WIDTH, len(row) // WIDTH):
            hashes = row[index * WIDTH : (index + 1) * WIDTH]
            tile = [tenant, level, index, b"".join(hashes), root_of(hashes)]
            connection.execute(TILE, tile)
        row = [root_of(row[i : i + WIDTH]) for i in range(0, len(row) - WIDTH + 1, WIDTH)]
        level, before = level + 1, before // WIDTH
