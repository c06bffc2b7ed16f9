"""Tiles: paths as C2SP writes them, and a tree that reads the same from tiles as from leaves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ledger import merkle, tiles
from tests.ledger.test_merkle import leaves_of


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("tile/0/000", (0, 0, 256)),
        ("tile/0/x001/x234/067", (0, 1234067, 256)),
        ("tile/1/x001/234.p/17", (1, 1234, 17)),
        ("tile/entries/x001/000.p/255", (None, 1000, 255)),
        ("tile/63/999", (63, 999, 256)),
    ],
)
def test_paths_are_written_and_read_as_c2sp_says(
    path: str, told: tuple[int | None, int, int]
) -> None:
    level, index, width = told
    assert tiles.parse_path(path) == told
    if level is None:
        assert tiles.entries_path(index, width) == path
    else:
        assert tiles.tile_path(level, index, width) == path


@given(st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_every_path_reads_back(level: int, index: int, width: int) -> None:
    assert tiles.parse_path(tiles.tile_path(level, index, width)) == (level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        *("tile/0/0", "tile/0/x000/001", "tile/00/000", "tile/64/000", "tile/0/000.p/0"),
        *("tile/0/000.p/256", "tile/0/000.p/300", "tile/0/000.p/01", "tile/0/001/x000"),
        *("tile/0/../000", "/tile/0/000", "tile/0/000\n", "tile/-1/000", "tile/0/x001"),
    ],
)
def test_other_ways_of_writing_a_path_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path of a tile"):
        tiles.parse_path(path)


def stored(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    """The full tiles of a log, worked out apart from the code under test."""
    found, level, row = {}, 0, leaves
    while row:
        for index in range(len(row) // 256):
            found[level, index] = b"".join(row[256 * index : 256 * index + 256])
        row = [merkle.root_of(row[i : i + 256]) for i in range(0, len(row) // 256 * 256, 256)]
        level += 1
    return found


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 1200), st.data())
def test_a_tree_reads_the_same_from_tiles_as_from_leaves(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(1200)
    kept = stored(leaves)  # of a log that has grown beyond `size` meanwhile
    hashes = tiles.TileHashes(
        size=size,
        read_tile=lambda level, index: kept.get((level, index)),
        read_leaves=lambda start, end: leaves[start:end],
    )
    root, index = merkle.root_of(leaves[:size]), data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(hashes, index, size)
    merkle.check_inclusion(leaves[index], index, size, path, root)
    old = data.draw(st.integers(0, size))
    grown = merkle.consistency_path(hashes, old, size)
    merkle.check_consistency(old, size, merkle.root_of(leaves[:old]), root, grown)
    named = tiles.widths(size)
    assert sum(width for level, _, width in named if level == 0) == size
    for level, at, width in named:
        assert len(hashes.tile(level, at)) == width


def test_what_is_not_complete_or_missing_is_refused() -> None:
    leaves = leaves_of(300)
    hashes = tiles.TileHashes(
        size=300, read_tile=lambda level, index: None, read_leaves=lambda a, b: leaves[a:b][:200]
    )
    with pytest.raises(ValueError, match="not complete"):
        hashes(3, 37)
    with pytest.raises(ValueError, match="leaves are missing"):
        hashes(0, 0)
    with pytest.raises(ValueError, match="has no tile"):
        hashes.tile(0, 2)
    short = tiles.TileHashes(size=300, read_tile=lambda *_: b"", read_leaves=lambda *_: [])
    with pytest.raises(ValueError, match="has 0 bytes"):
        short(0, 0)
