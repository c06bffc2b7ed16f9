"""Count exactly what the ledger holds of some tenants, against what writers were told."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

import psycopg

from apps.ledger import note
from apps.ledger.merkle import leaf_hash, root_of
from tests.ledger.sequencing import HOST, KEYS

_ROWS = """
    SELECT e.id, e.body, l.seq, l.leaf FROM ledger_event e
    LEFT JOIN ledger_leaf l ON l.tenant_id = e.tenant_id AND l.event_id = e.id
    WHERE e.tenant_id = %(tenant)s ORDER BY l.seq
"""
_LAST = "SELECT note FROM ledger_checkpoint WHERE tenant_id = %s ORDER BY size DESC LIMIT 1"
_TILES = "SELECT count(*) FROM ledger_tile WHERE tenant_id = %s AND level = 0"
_WAITING = """
    SELECT (SELECT count(*) FROM ledger_event WHERE tenant_id = %(tenant)s)
        - (SELECT count(*) FROM ledger_leaf WHERE tenant_id = %(tenant)s)
"""


@dataclass
class Findings:
    """Exact counts over all tenants; everything after `committed` has to be nothing."""

    committed: int = 0
    missing: int = 0  # acknowledged, and not in the ledger
    unplaced: int = 0
    gaps: int = 0
    inversions: int = 0  # before an event that its writer had seen
    wrong_leaves: int = 0
    wrong_roots: int = 0
    wrong_tiles: int = 0

    def faults(self) -> dict[str, int]:
        """What is wrong."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: count for name, count in told.items() if name != "committed" and count}


def examine(url: str, tenants: Sequence[uuid.UUID], acknowledged: Collection[bytes]) -> Findings:
    """Read everything as the serving role and work it out anew."""
    found, ids = Findings(), set[bytes]()
    with psycopg.connect(url) as connection:
        for tenant in tenants:
            connection.execute("SELECT set_config('app.tenant', %s, false)", [str(tenant)])
            _examine_one(connection, tenant, found, ids)
    found.missing = len(set(acknowledged) - ids)
    return found


def wait_until_placed(url: str, tenants: Sequence[uuid.UUID], *, seconds: float) -> float:
    """Until every committed event has its position; how long that took."""
    began = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        for tenant in tenants:
            connection.execute("SELECT set_config('app.tenant', %s, false)", [str(tenant)])
            while _waiting(connection, tenant):
                assert time.monotonic() - began < seconds, "events are left without positions"
                time.sleep(0.1)
    return time.monotonic() - began


def _waiting(connection: psycopg.Connection, tenant: uuid.UUID) -> int:
    row = connection.execute(_WAITING, {"tenant": tenant}).fetchone()
    return int(row[0]) if row else 0


def _examine_one(
    connection: psycopg.Connection, tenant: uuid.UUID, found: Findings, ids: set[bytes]
) -> None:
    rows = connection.execute(_ROWS, {"tenant": tenant}).fetchall()
    places = {event_id.bytes: seq for event_id, _, seq, _ in rows if seq is not None}
    leaves = [leaf_hash(body) for _, body, _, _ in rows]
    found.committed += len(rows)
    found.unplaced += len(rows) - len(places)
    found.gaps += sum(row[2] != at for at, row in enumerate(rows))
    found.wrong_leaves += sum(row[3] != leaf for row, leaf in zip(rows, leaves, strict=True))
    for event_id, body, seq, _ in rows:
        saw = json.loads(body)["data"].get("saw")
        found.inversions += bool(saw) and not places[uuid.UUID(saw).bytes] < seq
        ids.add(event_id.bytes)
    found.wrong_roots += bool(rows) and not _is_signed(connection, tenant, leaves)
    tiles = connection.execute(_TILES, [tenant]).fetchone()
    found.wrong_tiles += tiles != (len(rows) // 256,)


def _is_signed(connection: psycopg.Connection, tenant: uuid.UUID, leaves: list[bytes]) -> bool:
    name = f"{HOST}/ledger/{tenant}"
    row = connection.execute(_LAST, [tenant]).fetchone()
    verifiers = [note.Verifier(name, key.public) for key in KEYS.public_history()]
    told = note.check(row[0] if row else "", verifiers).text
    return told == note.Checkpoint(name, len(leaves), root_of(leaves)).text
