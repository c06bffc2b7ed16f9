"""What a log gains in one batch: positions, full tiles, a signed checkpoint. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.ledger import note
from apps.ledger.merkle import Frontier, root_of, root_of_peaks
from apps.ledger.sequencer.logs import Log, require_tail
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
    log: Log
    rows: Sequence[Row]
    tiles: list[Tile]
    root: bytes
    frontier: bytes
    note: str


@dataclass(frozen=True, slots=True)
class Grower:
    """Signs with `keys`; `read_roots` is asked only when a tile of tiles is full."""

    keys: Sequence[NoteKey]
    read_roots: ReadRoots

    def grow(
        self, tenant: bytes, log: Log, rows: Sequence[Row], tail: Sequence[bytes] | None
    ) -> Growth:
        """Add the rows. `tail` holds the leaves since the last full tile when one fills up here.

        Raises `Damaged` when leaves or tiles are not what was signed, `MayNotSign` when an anchor
        says otherwise, and whatever a key raises.
        """
        edge, leaves = log.edge, [row[3] for row in rows]
        tiles: list[Tile] = []
        if tail is not None:
            require_tail(edge, tail)
            tiles = self._tiles(tenant, edge, [*tail, *leaves])
        grown = edge.copy()
        grown.append_many(leaves)
        peaks = grown.peaks()
        root, frontier = root_of_peaks(peaks), b"".join(peaks)
        may_sign(log.tenant_id, grown.size, root, frontier)
        signer = log.signed_by(self.keys)
        signed = signer.sign(note.Checkpoint(log.name, grown.size, root).text)
        after = Log(log.tenant_id, log.name, grown, signer)
        return Growth(tenant, edge.size, after, rows, tiles, root, frontier, signed)

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


def fills_a_tile(log: Log, more: int) -> bool:
    """Whether the log completes a tile when it gains `more` leaves."""
    return log.edge.size % WIDTH + more >= WIDTH
