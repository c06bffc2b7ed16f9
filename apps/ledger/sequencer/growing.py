"""What a log gains in one batch: positions, full tiles, a signed checkpoint. Nothing is written."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.ledger import note
from apps.ledger.merkle import Frontier, root_of
from apps.ledger.sequencer.logs import origin_of, require_tail
from apps.ledger.sequencer.scanning import Row
from apps.ledger.signing import NoteKey, may_sign
from apps.ledger.tiles import WIDTH

ReadRoots = Callable[[bytes, int, int, int], list[bytes]]
"""The roots of a log's stored tiles (tenant, level, from index, up to index), in order."""

Tile = tuple[int, int, bytes, bytes]
"""Level, index, hashes and root of a full tile."""


@dataclass(frozen=True, slots=True)
class Growth:
    """One log before and after: its rows in their order, its new full tiles, its checkpoint."""

    tenant: bytes
    before: int
    edge: Frontier
    rows: Sequence[Row]
    tiles: list[Tile]
    root: bytes
    frontier: bytes
    note: str


@dataclass(frozen=True, slots=True)
class Grower:
    """Signs with `keys` under `host`; `read_roots` is asked only when a tile of tiles is full."""

    host: str
    keys: Sequence[NoteKey]
    read_roots: ReadRoots

    def grow(
        self, tenant: bytes, edge: Frontier, rows: Sequence[Row], tail: Sequence[bytes] | None
    ) -> Growth:
        """Add the rows. `tail` holds the leaves since the last full tile when one fills up here.

        Raises `Damaged` when leaves or tiles are not what was signed, `MayNotSign` when an anchor
        says otherwise, and whatever a key raises.
        """
        leaves = [row[3] for row in rows]
        tiles: list[Tile] = []
        if tail is not None:
            require_tail(edge, tail)
            tiles = self._tiles(tenant, edge, [*tail, *leaves])
        grown = edge.copy()
        grown.append_many(leaves)
        root, frontier = grown.root(), grown.to_bytes()
        may_sign(uuid.UUID(bytes=tenant), grown.size, root, frontier)
        signed = self._sign(tenant, grown.size, root)
        return Growth(tenant, edge.size, grown, rows, tiles, root, frontier, signed)

    def _sign(self, tenant: bytes, size: int, root: bytes) -> str:
        name = origin_of(self.host, tenant)
        return note.sign(note.Checkpoint(name, size, root).text, name=name, keys=self.keys)

    def _tiles(self, tenant: bytes, edge: Frontier, row: list[bytes]) -> list[Tile]:
        """The tiles that fill up, level by level. `row` begins where the last full tile ends."""
        found: list[Tile] = []
        level, index = 0, edge.size // WIDTH
        while len(row) >= WIDTH:
            whole = len(row) // WIDTH
            parts = [row[WIDTH * i : WIDTH * (i + 1)] for i in range(whole)]
            row = [root_of(part) for part in parts]
            found += [
                (level, index + i, b"".join(part), root)
                for i, (part, root) in enumerate(zip(parts, row, strict=True))
            ]
            waiting = index % WIDTH
            if waiting + whole >= WIDTH:
                roots = self.read_roots(tenant, level, index - waiting, index)
                require_tail(edge, roots, level=level + 1)
                row = roots + row
            index //= WIDTH
            level += 1
        return found


def fills_a_tile(edge: Frontier, more: int) -> bool:
    """Whether the log of that edge completes a tile when it gains `more` leaves."""
    return edge.size % WIDTH + more >= WIDTH
