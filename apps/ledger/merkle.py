"""The RFC 6962 Merkle tree: roots, proofs, and what is left of a tree to go on growing it.

No Django, no database: the sequencer, evidence packs and checks of proofs share it. Trees are read
through `Hashes`, a function from (level, index) to the hash of the complete subtree over the leaves
from `index * 2**level` to `(index + 1) * 2**level`, the last one excluded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

Hashes = Callable[[int, int], bytes]

HASH_BYTES = 32
_FEW = 8  # leaves that are quicker to add one by one
EMPTY_ROOT = sha256(b"").digest()


class BadProof(ValueError):
    """A proof that does not lead to the root it claims; the words say where it stops."""


def leaf_hash(body: bytes) -> bytes:
    """The leaf of one entry: SHA-256 of 0x00 and its bytes (RFC 6962, 2.1)."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node over two subtrees: SHA-256 of 0x01 and both hashes (RFC 6962, 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The tree hash of `leaves` in order; the empty tree is SHA-256 of nothing.

    Works level by level: an odd last node is carried up unchanged, which gives the same tree as
    the recursive definition (the split at the largest power of two below the size).
    """
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = parents_of(level) + odd
    return level[0]


def parents_of(level: Sequence[bytes]) -> list[bytes]:
    """The nodes over pairs of neighbours; an odd last one is left out."""
    return [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]


def hashes_of(leaves: Sequence[bytes]) -> Hashes:
    """Read a tree from its leaves in memory: for tests and short logs."""

    def hash_at(level: int, index: int) -> bytes:
        start, end = index << level, (index + 1) << level
        if end > len(leaves):
            raise ValueError(f"the subtree {level}/{index} is not complete in {len(leaves)} leaves")
        return root_of(leaves[start:end])

    return hash_at


def subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Complete subtrees (level, index) that make up the range, from left to right."""
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def range_root(hashes: Hashes, start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962, for a range that its recursion can reach."""
    return root_of_peaks([hashes(*node) for node in subtrees(start, end)])


def inclusion_path(hashes: Hashes, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962, 2.1.1: siblings from the leaf up to the root."""
    if not 0 <= index < size:
        raise ValueError(f"position {index} is not in a tree of {size}")
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(hashes, middle, end))
            end = middle
        else:
            path.append(range_root(hashes, start, middle))
            start = middle
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Follow a path from the leaf (RFC 9162, 2.1.3.2). Raises `BadProof` when it ends elsewhere."""
    if not 0 <= index < size:
        raise BadProof(f"position {index} is not in a tree of {size}")
    position, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise BadProof("the inclusion path is longer than the tree is high")
        if position % 2 or position == last:
            reached = node_hash(sibling, reached)
            while not position % 2 and position:
                position, last = position >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise BadProof("the inclusion path is shorter than the tree is high")
    if reached != root:
        raise BadProof("the inclusion path leads to another root")


def consistency_path(hashes: Hashes, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962, 2.1.2; empty when either tree says nothing new."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    if old in (0, new):
        return []
    start, end, path, whole = 0, new, list[bytes](), True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(hashes, middle, end))
            end = middle
        else:
            path.append(range_root(hashes, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(range_root(hashes, start, end))
    return path[::-1]


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Prove that the new tree only adds to the old (RFC 9162, 2.1.4.2). Raises `BadProof`."""
    if not 0 <= old <= new:
        raise BadProof(f"a tree of {new} does not continue one of {old}")
    if old in (0, new):
        _require_nothing_new(old, old_root, new_root, path)
        return
    rest = list(path)
    if old & (old - 1) == 0:
        rest.insert(0, old_root)  # a complete old tree is itself the first node
    if not rest:
        raise BadProof("the consistency path is empty")
    _follow(old - 1, new - 1, old_root, new_root, rest)


def _require_nothing_new(old: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    if path:
        raise BadProof("a consistency path is given where none is needed")
    if old_root != (new_root if old else EMPTY_ROOT):
        raise BadProof("the roots of one size differ")


def _follow(
    position: int, last: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    while position % 2:
        position, last = position >> 1, last >> 1
    was = now = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise BadProof("the consistency path is longer than the tree is high")
        if position % 2 or position == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not position % 2 and position:
                position, last = position >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise BadProof("the consistency path is shorter than the tree is high")
    if was != old_root:
        raise BadProof("the consistency path leads to another old root")
    if now != new_root:
        raise BadProof("the consistency path leads to another new root")


def _split(size: int) -> int:
    """The largest power of two below `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def root_of_peaks(peaks: Sequence[bytes]) -> bytes:
    """The tree hash over complete subtrees of falling height, which make up the tree."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in peaks[-2::-1]:
        root = sha256(b"\x01" + peak + root).digest()
    return root


@dataclass(slots=True)
class Frontier:
    """The right edge of a tree: one hash per complete subtree, enough to append and to sign."""

    size: int = 0
    edge: dict[int, bytes] = field(default_factory=dict)

    def append_many(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes at the end."""
        if len(leaves) < _FEW:
            for leaf in leaves:
                self._append(leaf)
            return
        level, row = 0, list(leaves)
        self.size += len(row)
        while row:
            waiting = self.edge.pop(level, None)
            if waiting is not None:
                row.insert(0, waiting)
            if len(row) % 2:
                self.edge[level] = row.pop()
            row = parents_of(row)
            level += 1

    def _append(self, leaf: bytes) -> None:
        """The same for one leaf, like adding one to a binary number."""
        level, edge = 0, self.edge
        while level in edge:
            leaf = sha256(b"\x01" + edge.pop(level) + leaf).digest()
            level += 1
        edge[level] = leaf
        self.size += 1

    def peaks(self) -> list[bytes]:
        """The hashes of its complete subtrees, from the highest down."""
        return [self.edge[level] for level in sorted(self.edge, reverse=True)]

    def root(self) -> bytes:
        """The tree hash of everything appended."""
        return root_of_peaks(self.peaks())

    def copy(self) -> Frontier:
        """A frontier that grows apart from this one."""
        return Frontier(self.size, dict(self.edge))

    def to_bytes(self) -> bytes:
        """Its hashes from the highest subtree down; which levels they are is told by the size."""
        return b"".join(self.peaks())

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Read `to_bytes`. Raises `ValueError` when the hashes are not as many as the size says."""
        levels = [level for level, _ in subtrees(0, size)]
        if len(data) != HASH_BYTES * len(levels):
            raise ValueError(f"a frontier of size {size} has {len(levels)} hashes")
        rows = (data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES))
        return cls(size, dict(zip(levels, rows, strict=True)))
