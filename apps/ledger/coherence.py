"""What a log's rows say against each other; numbers of findings are the verifier's exit codes.

Whoever has a superuser's rights can change any row. Signed checkpoints outside the database are
what such a change cannot reach; these comparisons then say which row it was.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from apps.common.scope import current_tenant_id
from apps.ledger import note, rows
from apps.ledger.export.content import Finding
from apps.ledger.merkle import Frontier, root_of
from apps.ledger.models import Checkpoint, Tile
from apps.ledger.tiles import WIDTH, split
from apps.ledger.verify import GAP, SIGNATURE, TREE

MAY_WAIT = timedelta(minutes=1)  # a sequencer is some hundred milliseconds behind
COLUMNS = """
    SELECT l.seq, e.id, e.body, e.action, e.actor, e.target_type, e.target_id, e.at,
        e.request_id, e.source_id, e.source_seq
    FROM ledger_leaf l
    JOIN ledger_event e ON e.tenant_id = l.tenant_id AND e.eid = l.eid AND e.id = l.event_id
    WHERE l.tenant_id = %s AND l.seq >= %s AND l.seq < %s ORDER BY l.seq
"""


def of_positions(start: int, end: int) -> Iterator[Finding]:
    """Rows of leaves against the tiles over them, and the columns of events against bodies."""
    for low in range(start - start % WIDTH, end, WIDTH):
        yield from _leaf_rows(low, min(low + WIDTH, end))
        yield from _columns(low, min(low + WIDTH, end))


def of_tile_roots(start: int, end: int) -> Iterator[Finding]:
    """What a tile's row says is the hash over its hashes."""
    level, low, high = 0, start // WIDTH, end // WIDTH
    while high > low:
        found = Tile.objects.filter(level=level, idx__gte=low, idx__lt=high).order_by("idx")
        for tile in found.iterator(chunk_size=64):
            if root_of(split(bytes(tile.data))) != bytes(tile.root):
                yield Finding(TREE, f"ledger_tile {level}/{tile.idx}: its root is not its hashes'")
        level, low, high = level + 1, low // WIDTH, high // WIDTH


def of_checkpoints(checkpoint: Checkpoint, *, verifiers: list[note.Verifier]) -> Iterator[Finding]:
    """A checkpoint's row against the note that was signed."""
    what = f"ledger_checkpoint of size {checkpoint.size:,}"
    try:
        text = note.check(checkpoint.note, verifiers).text
        signed = note.Checkpoint.parse(text)
    except note.BadNote as bad:
        yield Finding(SIGNATURE, f"{what}: {bad}")
        return
    if signed.size != checkpoint.size:
        yield Finding(TREE, f"{what}: its note is of size {signed.size:,}")
    if signed.root != bytes(checkpoint.root):
        yield Finding(TREE, f"{what}: its row has another root than its note")
    try:
        frontier = Frontier.from_bytes(signed.size, bytes(checkpoint.frontier)).root()
    except ValueError:
        frontier = b""
    if frontier != signed.root:
        yield Finding(TREE, f"{what}: its frontier does not give its root")


def of_outsiders(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Events that were recorded long before the checkpoint and have no position."""
    for event_id, recorded_at in rows.outside(checkpoint.at - MAY_WAIT):
        said = f"{recorded_at:%Y-%m-%d %H:%M:%S} UTC"
        yield Finding(GAP, f"event {event_id}, said to be of {said}, has no position in the log")


def _leaf_rows(start: int, end: int) -> Iterator[Finding]:
    tile = rows.full_tile(0, start // WIDTH)
    kept = {entry.seq: entry for entry in rows.entries(start, end)}
    for seq, entry in kept.items():
        if entry.leaf is None:
            yield Finding(GAP, f"ledger_leaf has no row for position {seq:,}")
        elif tile is not None and rows.leaf_in_tile(tile, seq) != entry.leaf:
            words = f"ledger_leaf at position {seq:,} and its tile (0/{start // WIDTH}) differ"
            yield Finding(TREE, words)


def _columns(start: int, end: int) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [current_tenant_id(), start, end])
        before = -1
        for seq, event_id, body, *columns in cursor.fetchall():
            if seq == before:  # ids are unique in each month of events, not over all of them
                yield Finding(TREE, f"event {event_id} at position {seq:,} is there twice")
            yield from _event_row(event_id, bytes(body), columns)
            before = seq


def _event_row(event_id: UUID, body: bytes, columns: list[Any]) -> Iterator[Finding]:
    try:
        told = _told(json.loads(body))
    except (ValueError, KeyError, TypeError):
        return  # its leaf tells
    for (name, word), column in zip(told.items(), [event_id, *columns], strict=True):
        if column != word:
            yield Finding(TREE, f"event {event_id}: its column {name} is not what its body says")


def _told(said: dict[str, Any]) -> dict[str, Any]:
    """What a body says of each column. The first version's columns had no request and source."""
    newer = said["v"] != 1
    request = said.get("request") if newer else None
    source = said["source"] if newer else {"id": None, "seq": None}
    return {
        "id": UUID(said["event_id"]),
        "action": said["action"],
        "actor": said["actor"],
        "target_type": said["target"]["type"],
        "target_id": said["target"]["id"],
        "at": datetime.fromisoformat(said["at"]),
        "request_id": UUID(request) if request else None,
        "source_id": UUID(source["id"]) if source["id"] else None,
        "source_seq": source["seq"],
    }
