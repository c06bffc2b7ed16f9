"""Tiles: the tree cut into pieces of 256 hashes, in the layout of C2SP tlog-tiles.

https://c2sp.org/tlog-tiles. Tile `L/N` holds the hashes of level `8 * L`, 256 wide, from index
`256 * N`. Full tiles are stored; a partial one is a prefix of a full one and is worked out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from apps.ledger.merkle import HASH_BYTES, parents_of, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_BYTES

ReadTile = Callable[[int, int], bytes | None]
ReadLeaves = Callable[[int, int], Sequence[bytes]]
ReadRoots = Callable[[int, int, int], Sequence[bytes]]

_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])"
    r"/(?P<index>(x[0-9]{3}/){0,5}[0-9]{3})(\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Where a tile is found: `tile/0/x001/x234/067`, or with `.p/17` for its first 17 hashes."""
    return _path(str(level), index, width)


def entries_path(index: int, width: int = WIDTH) -> str:
    """Where the entries under tile `0/index` are found: `tile/entries/x001/234`."""
    return _path("entries", index, width)


def parse_path(path: str) -> tuple[int | None, int, int]:
    """Read a tile's path: its level (none for entries), its index and its width.

    Raises `ValueError` for anything else than the one way in which C2SP writes it.
    """
    found = _PATH.fullmatch(path)
    if not found:
        raise ValueError(f"{path[:80]!r} is no path of a tile")
    level = None if found["level"] == "entries" else int(found["level"])
    index = int(re.sub("[x/]", "", found["index"]))
    width = int(found["width"] or WIDTH)
    if width > WIDTH or _path(found["level"], index, width) != path:
        raise ValueError(f"{path[:80]!r} is not how the path of a tile is written")
    return level, index, width


def _path(kind: str, index: int, width: int) -> str:
    digits = f"{index:0{-(-len(str(index)) // 3) * 3}d}"
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    name = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{kind}/{name}" + (f".p/{width}" if width != WIDTH else "")


def widths(size: int) -> list[tuple[int, int, int]]:
    """Every tile (level, index, width) of a tree of `size`, partial ones last on their level."""
    found, level = [], 0
    while size >> (HEIGHT * level):
        whole, rest = divmod(size >> (HEIGHT * level), WIDTH)
        found += [(level, index, WIDTH) for index in range(whole)]
        found += [(level, whole, rest)] if rest else []
        level += 1
    return found


def split(data: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


class TileHashes:
    """Reads a tree of `size` from full tiles and, where no full tile is kept, from what is below.

    Callable as `merkle.Hashes`. `read_tile(level, index)` gives a full tile's bytes or nothing;
    `read_leaves(start, end)` gives leaf hashes; `read_roots(level, start, end)`, where there is
    such a thing, the root of each full tile of a range. What was read once is kept, so use one for
    a few proofs and let it go.
    """

    def __init__(
        self,
        *,
        size: int,
        read_tile: ReadTile,
        read_leaves: ReadLeaves,
        read_roots: ReadRoots | None = None,
    ) -> None:
        self.size = size
        self._read_tile = read_tile
        self._read_leaves = read_leaves
        self._read_roots = read_roots
        self._kept: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        if index < 0 or (index + 1) << level > self.size:
            raise ValueError(f"the subtree {level}/{index} is not complete in {self.size} leaves")
        tile_level, above = divmod(level, HEIGHT)
        first = index << above
        row = self.tile(tile_level, first // WIDTH)
        row = row[first % WIDTH :][: 1 << above]
        while len(row) > 1:
            row = parents_of(row)
        return row[0]

    def tile(self, level: int, index: int) -> list[bytes]:
        """The hashes of one tile, as many as the tree has; raises `ValueError` when it has none."""
        width = min(WIDTH, (self.size >> (HEIGHT * level)) - index * WIDTH)
        if level < 0 or index < 0 or width <= 0:
            raise ValueError(f"the tree of {self.size} has no tile {level}/{index}")
        if (level, index) not in self._kept:
            self._kept[level, index] = self._load(level, index, width)
        return self._kept[level, index][:width]

    def _load(self, level: int, index: int, width: int) -> list[bytes]:
        data = self._read_tile(level, index)
        if data is not None:
            if len(data) != TILE_BYTES:
                raise ValueError(f"tile {level}/{index} has {len(data)} bytes, not {TILE_BYTES}")
            return split(data)
        start = index * WIDTH
        if level and self._read_roots is None:
            return [root_of(self.tile(level - 1, start + i)) for i in range(width)]
        if level and self._read_roots:
            row, what = self._read_roots(level - 1, start, start + width), "tiles"
        else:
            row, what = self._read_leaves(start, start + width), "leaves"
        if len(row) != width:
            raise ValueError(f"{what} are missing from {start} to {start + width}")
        return list(row)
