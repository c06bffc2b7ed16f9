"""The RFC 6962 Merkle tree hash over a list of leaves."""

from collections.abc import Iterable
from hashlib import sha256


def leaf_hash(body: bytes) -> bytes:
    """Return the leaf of one event: SHA-256 of 0x00 and the raw body (RFC 6962, 2.1)."""
    return sha256(b"\x00" + body).digest()


def root_hash(leaves: Iterable[bytes]) -> bytes:
    """Return the tree hash of ``leaves`` in order; the empty tree is SHA-256 of nothing.

    Works level by level: an odd last node is carried up unchanged, which gives the same tree as
    the recursive definition (the split at the largest power of two below the size).
    """
    level = list(leaves)
    if not level:
        return sha256(b"").digest()
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + odd
    return level[0]


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
