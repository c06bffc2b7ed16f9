"""The tree, against the definition in RFC 6962 and the answers Certificate Transparency gives."""

from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ledger import merkle
from apps.ledger.cover import Run, Subtree, cover_of, root_from_cover

# The inputs and roots that Certificate Transparency implementations test themselves with.
CT_INPUTS = [
    bytes.fromhex(each)
    for each in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
CT_ROOT_OF_EIGHT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
CT_ROOT_OF_ONE = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

sizes = st.integers(1, 300)


def leaves_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(i).encode()) for i in range(size)]


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962, 2.1 writes it down."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(defined_root(leaves[:split]), defined_root(leaves[split:]))


def test_known_answers_of_certificate_transparency() -> None:
    leaves = [merkle.leaf_hash(each) for each in CT_INPUTS]
    assert merkle.root_of([]).hex() == sha256(b"").hexdigest()
    assert merkle.root_of(leaves[:1]).hex() == CT_ROOT_OF_ONE
    assert merkle.root_of(leaves).hex() == CT_ROOT_OF_EIGHT
    path = merkle.inclusion_path(merkle.hashes_of(leaves), 0, 8)
    assert [each.hex()[:16] for each in path] == [
        "96a296d224f285c6",
        "5f083f0a1a33ca07",
        "6b47aaf29ee3c2af",
    ]


@given(sizes)
def test_root_is_as_the_rfc_defines_it(size: int) -> None:
    leaves = leaves_of(size)
    assert merkle.root_of(leaves) == defined_root(leaves)
    assert merkle.range_root(merkle.hashes_of(leaves), 0, size) == defined_root(leaves)


@given(sizes, st.data())
def test_every_leaf_is_proved_and_no_other(size: int, data: st.DataObject) -> None:
    leaves, index = leaves_of(size), data.draw(st.integers(0, size - 1))
    root = merkle.root_of(leaves)
    path = merkle.inclusion_path(merkle.hashes_of(leaves), index, size)
    merkle.check_inclusion(leaves[index], index, size, path, root)
    other = data.draw(
        st.integers(0, size - 1).filter(lambda i: i != index) if size > 1 else st.just(1)
    )
    for forged in (
        (merkle.leaf_hash(b"another"), index, size, path, root),
        (leaves[index], other, size, path, root),
        (leaves[index], index, size, [*path, root], root),
        (leaves[index], index, size, path[:-1], root if path else b""),
        (leaves[index], index, size, path, merkle.EMPTY_ROOT),
        (leaves[index], -1, size, path, root),
    ):
        with pytest.raises(merkle.BadProof):
            merkle.check_inclusion(*forged)


@given(sizes, st.data())
def test_a_grown_tree_proves_that_it_only_grew(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    leaves = leaves_of(size)
    was, now = merkle.root_of(leaves[:old]), merkle.root_of(leaves)
    path = merkle.consistency_path(merkle.hashes_of(leaves), old, size)
    merkle.check_consistency(old, size, was, now, path)
    for forged in (
        (old, size, merkle.leaf_hash(b"other past"), now, path),
        (old, size, was, now, [*path, now]),
        (size + 1, size, was, now, path),
    ):
        with pytest.raises(merkle.BadProof):
            merkle.check_consistency(*forged)
    if 0 < old < size:
        changed = [merkle.leaf_hash(b"rewritten"), *leaves[1:]]
        forged_path = merkle.consistency_path(merkle.hashes_of(changed), old, size)
        with pytest.raises(merkle.BadProof):
            merkle.check_consistency(old, size, was, merkle.root_of(changed), forged_path)
        for shorter in (path[:-1], path[1:]):
            with pytest.raises(merkle.BadProof):
                merkle.check_consistency(old, size, was, now, shorter)


@given(st.lists(st.integers(0, 90), max_size=8))
def test_a_frontier_grows_like_the_tree_however_it_is_fed(steps: list[int]) -> None:
    leaves, frontier = leaves_of(sum(steps)), merkle.Frontier()
    for step in steps:
        frontier.append_many(leaves[frontier.size : frontier.size + step])
        frontier = merkle.Frontier.from_bytes(frontier.size, frontier.to_bytes())
        assert frontier.root() == merkle.root_of(leaves[: frontier.size])
    assert frontier.size == len(leaves)


def test_a_frontier_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="size 3 has 2 hashes"):
        merkle.Frontier.from_bytes(3, bytes(32))


def test_positions_and_sizes_outside_the_tree_are_refused() -> None:
    hashes = merkle.hashes_of(leaves_of(5))
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(ValueError, match="not in a tree"):
            merkle.inclusion_path(hashes, index, size)
    with pytest.raises(ValueError, match="does not continue"):
        merkle.consistency_path(hashes, 6, 5)


@st.composite
def ranges_in(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    size = draw(st.integers(0, 200))
    cuts = sorted(draw(st.sets(st.integers(0, size), max_size=12)))
    return size, list(zip(cuts[::2], cuts[1::2], strict=False))


@given(ranges_in())
def test_a_cover_gives_the_root_with_the_leaves_it_was_made_for(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    size, ranges = drawn
    leaves = leaves_of(size)
    cover = cover_of(ranges, size, merkle.hashes_of(leaves))
    runs = [Run(start, leaves[start:end]) for start, end in ranges]
    assert root_from_cover(runs, cover, size) == merkle.root_of(leaves)
    spans = [(part.index << part.level, (part.index + 1) << part.level) for part in cover]
    held = [at for start, end in [*spans, *ranges] for at in range(start, end)]
    assert sorted(held) == list(range(size)), "each position is held once, given or covered"
    for left, right in pairwise(cover):
        twins = left.level == right.level and left.index ^ 1 == right.index
        assert not twins, "two halves are one subtree"


@settings(max_examples=30)
@given(ranges_in().filter(lambda drawn: bool(drawn[1])))
def test_a_cover_with_anything_changed_is_refused_or_gives_another_root(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    size, ranges = drawn
    leaves = leaves_of(size)
    cover = cover_of(ranges, size, merkle.hashes_of(leaves))
    runs = [Run(start, leaves[start:end]) for start, end in ranges]
    forged = [Run(runs[0].start, [merkle.leaf_hash(b"no"), *runs[0].leaves[1:]]), *runs[1:]]
    assert root_from_cover(forged, cover, size) != merkle.root_of(leaves)
    for wrong in ([*cover, Subtree(0, ranges[0][0], bytes(32))], cover[1:] if cover else None):
        if wrong is not None:
            with pytest.raises(merkle.BadProof):
                root_from_cover(runs, wrong, size)


@pytest.mark.parametrize("ranges", [[(0, 0)], [(2, 1)], [(0, 3), (2, 4)], [(3, 6)], [(-1, 2)]])
def test_ranges_that_do_not_fit_are_refused(ranges: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="do not follow inside 5"):
        cover_of(ranges, 5, merkle.hashes_of(leaves_of(5)))
