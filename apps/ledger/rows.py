"""A tenant's log as its rows have it, read in slices so that memory stays small."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.common.scope import current_tenant_id
from apps.ledger.merkle import HASH_BYTES, root_of
from apps.ledger.models import Checkpoint, Leaf, Tile
from apps.ledger.tiles import WIDTH, TileHashes, split

SLICE = 2_048  # positions in one query
ENTRIES = """
    SELECT l.seq, l.event_id, l.leaf, e.body FROM ledger_leaf l
    LEFT JOIN ledger_event e ON e.tenant_id = l.tenant_id AND e.eid = l.eid AND e.id = l.event_id
    WHERE l.tenant_id = %s AND l.seq >= %s AND l.seq < %s ORDER BY l.seq
"""
OUTSIDE = """
    SELECT e.id, e.recorded_at FROM ledger_event e
    LEFT JOIN ledger_leaf l ON l.eid = e.eid
    WHERE e.tenant_id = %s AND e.recorded_at < %s AND (l.event_id IS DISTINCT FROM e.id)
    ORDER BY e.recorded_at LIMIT 1000
"""
RECORDED = """
    SELECT e.recorded_at FROM ledger_leaf l
    JOIN ledger_event e ON e.tenant_id = l.tenant_id AND e.eid = l.eid
    WHERE l.tenant_id = %s AND l.seq = %s
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A position, the event that stands there, its leaf as kept, and its body where it is kept."""

    seq: int
    event_id: UUID | None
    leaf: bytes | None
    body: bytes | None


def entries(start: int, end: int) -> Iterator[Entry]:
    """Each position from `start` to `end`, the last one excluded; also those without a row."""
    for low in range(start, end, SLICE):
        high = min(end, low + SLICE)
        found = {row[0]: row for row in _ask(ENTRIES, [low, high])}
        for seq in range(low, high):
            _, event_id, leaf, body = found.get(seq, (seq, None, None, None))
            yield Entry(seq, event_id, _bytes(leaf), _bytes(body))


def bodies(start: int, end: int) -> Iterator[bytes | None]:
    """The bodies at these positions, nothing where the event is gone."""
    return (entry.body for entry in entries(start, end))


def outside(before: datetime) -> list[tuple[UUID, datetime]]:
    """Events recorded before that moment that have no position, a thousand at most."""
    return [(row[0], row[1]) for row in _ask(OUTSIDE, [before])]


def leaves(start: int, end: int) -> list[bytes]:
    """The leaves kept at these positions, as many as there are."""
    kept = Leaf.objects.filter(seq__gte=start, seq__lt=end).order_by("seq")
    return [bytes(leaf) for leaf in kept.values_list("leaf", flat=True)]


def recorded_at(seq: int) -> datetime | None:
    """When the event at a position was recorded; nothing when it is gone."""
    found = _ask(RECORDED, [seq])
    moment: datetime | None = found[0][0] if found else None
    return moment


def full_tile(level: int, index: int) -> bytes | None:
    """A full tile's bytes, or nothing when there is no such row."""
    data = Tile.objects.filter(level=level, idx=index).values_list("data", flat=True).first()
    return _bytes(data)


def hashes(size: int) -> TileHashes:
    """The tree of the first `size` entries as tiles and leaves have it; for a few proofs."""
    return TileHashes(size=size, read_tile=full_tile, read_leaves=leaves)


def tile(level: int, index: int, width: int) -> bytes:
    """The first `width` hashes of a tile; a full one is kept, a partial one is made from below."""
    if width == WIDTH:
        return full_tile(level, index) or b""
    return made_tile(level, index, width)


def made_tile(level: int, index: int, width: int) -> bytes:
    """The first `width` hashes of a tile, made from leaves or from the tiles below it."""
    start = index * WIDTH
    if level == 0:
        return b"".join(leaves(start, start + width))
    below = (full_tile(level - 1, start + i) or b"" for i in range(width))
    return b"".join(root_of(split(each)) for each in below)


def checkpoints(above: int, upto: int) -> Iterator[Checkpoint]:
    """Checkpoints larger than `above` and not larger than `upto`, by size."""
    found = Checkpoint.objects.filter(size__gt=above, size__lte=upto).order_by("size")
    return found.iterator(chunk_size=SLICE)


def leaf_in_tile(data: bytes, seq: int) -> bytes:
    """The leaf of a position inside its tile."""
    at = seq % WIDTH * HASH_BYTES
    return data[at : at + HASH_BYTES]


def _ask(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [current_tenant_id(), *parameters])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _bytes(data: Any) -> bytes | None:
    return None if data is None else bytes(data)
