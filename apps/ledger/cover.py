"""One proof for many leaves: the fewest complete subtrees that, with them, give the root.

An evidence pack holds some of a log's events. A path per event would repeat the same hashes;
a cover holds each hash once, and none that the leaves themselves give.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.ledger.merkle import EMPTY_ROOT, BadProof, Hashes, node_hash, root_of, subtrees


@dataclass(frozen=True, slots=True)
class Subtree:
    """The complete subtree over leaves `index * 2**level` up to `(index + 1) * 2**level`."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring leaves that are at hand: their first position and their hashes."""

    start: int
    leaves: Sequence[bytes]

    @property
    def end(self) -> int:
        """The position after the last."""
        return self.start + len(self.leaves)


def cover_of(ranges: Sequence[tuple[int, int]], size: int, hashes: Hashes) -> list[Subtree]:
    """What a reader who has the leaves of `ranges` (start, end) still needs, from left to right.

    Raises `ValueError` for ranges that overlap, are empty, out of order or beyond the tree.
    """
    known = _Ranges(ranges, size)
    return [Subtree(level, index, hashes(level, index)) for level, index in known.missing()]


def root_from_cover(runs: Sequence[Run], cover: Sequence[Subtree], size: int) -> bytes:
    """The root of the tree of `size` that has these leaves. Raises `BadProof` when it cannot be
    computed, or when the cover holds a hash that it does not need."""
    try:
        known = _Ranges([(run.start, run.end) for run in runs], size)
    except ValueError as wrong:
        raise BadProof(str(wrong)) from wrong
    given = {(part.level, part.index): part.hash for part in cover}
    if len(given) != len(cover) or set(given) != set(known.missing()):
        raise BadProof("the cover does not hold exactly the subtrees that are missing")
    if not size:
        return EMPTY_ROOT
    peaks = [_hash_of(known, runs, given, *peak) for peak in subtrees(0, size)]
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def _hash_of(
    known: _Ranges,
    runs: Sequence[Run],
    given: dict[tuple[int, int], bytes],
    level: int,
    index: int,
) -> bytes:
    if (level, index) in given:
        return given[level, index]
    start, end = index << level, (index + 1) << level
    found = known.around(start, end)
    if found is not None:
        run = runs[found]
        return root_of(run.leaves[start - run.start : end - run.start])
    left = _hash_of(known, runs, given, level - 1, 2 * index)
    return node_hash(left, _hash_of(known, runs, given, level - 1, 2 * index + 1))


class _Ranges:
    """Sorted ranges of known positions in a tree of one size."""

    def __init__(self, ranges: Sequence[tuple[int, int]], size: int) -> None:
        before = 0
        for start, end in ranges:
            if not before <= start < end <= size:
                raise ValueError(f"the positions {start} to {end} do not follow inside {size}")
            before = end
        self._size = size
        self._starts = [start for start, _ in ranges]
        self._ends = [end for _, end in ranges]

    def missing(self) -> Iterator[tuple[int, int]]:
        """The largest complete subtrees of which nothing is known, from left to right."""
        waiting = list(subtrees(0, self._size))[::-1]
        while waiting:
            level, index = waiting.pop()
            start, end = index << level, (index + 1) << level
            if not self._touches(start, end):
                yield level, index
            elif self.around(start, end) is None:
                waiting += [(level - 1, 2 * index + 1), (level - 1, 2 * index)]

    def around(self, start: int, end: int) -> int | None:
        """Which range holds all of these positions."""
        at = bisect_right(self._starts, start) - 1
        return at if at >= 0 and self._ends[at] >= end else None

    def _touches(self, start: int, end: int) -> bool:
        at = bisect_right(self._starts, end - 1) - 1
        return at >= 0 and self._ends[at] > start
