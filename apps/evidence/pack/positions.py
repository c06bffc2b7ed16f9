"""`proof-ledger.json`: where the events of a pack stand in the ledger, and the hashes around them.

``{"cover": [[level, index, hex], …], "events": [[first, count], …], "size": N, "tree": …,
"unpositioned": K}``, canonical JSON. The events of ``events.jsonl`` are, in file order, those of
the stretches; the last K lines had no position when the pack was made. Leaves and cover together
give the root that ``checkpoint.txt`` signs; the cover grows with the logarithm of the log.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from apps.ledger.cover import Subtree

from . import canonical

CHECKPOINT_NAME, PROOF_NAME, KEYS_NAME = "checkpoint.txt", "proof-ledger.json", "ledger-keys.json"
ANCHOR_PREFIX = "anchor-"
ANCHOR_LEAF, ANCHOR_PATH = "anchor-leaf.json", "anchor-consistency.json"
ANCHOR_ROOT, ANCHOR_STAMPED = "anchor-checkpoint.txt", "anchor-checkpoint.stamped"
TREE = "RFC 6962, SHA-256"


class MalformedProof(ValueError):
    """The file is not a proof of the agreed form."""


def proof_bytes(
    ranges: Iterable[tuple[int, int]], size: int, cover: Iterable[Subtree], *, unpositioned: int
) -> bytes:
    """Return the file for these ranges (first, one past the last) in a log of ``size`` events."""
    return canonical.dumps(
        {
            "tree": TREE,
            "size": size,
            "events": [[start, end - start] for start, end in ranges],
            "cover": [[part.level, part.index, part.hash.hex()] for part in cover],
            "unpositioned": unpositioned,
        }
    )


def read_proof(data: bytes) -> tuple[int, list[tuple[int, int]], list[Subtree], int]:
    """Return size, ranges, cover and the number without position; raise ``MalformedProof``."""
    try:
        told = canonical.load_object(data)
        if set(told) != {"tree", "size", "events", "cover", "unpositioned"} or told["tree"] != TREE:
            raise MalformedProof("its fields are not those of a proof")
        ranges = [(_count(start), _count(start) + _count(n)) for start, n in told["events"]]
        cover = [Subtree(*_node(each)) for each in told["cover"]]
        return _count(told["size"]), ranges, cover, _count(told["unpositioned"])
    except (canonical.NotCanonical, TypeError, KeyError) as error:
        raise MalformedProof(str(error)) from error
    except ValueError as error:
        raise MalformedProof(str(error)) from error


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedProof(f"{value!r} is not a count")
    return value


def _node(value: Sequence[Any]) -> tuple[int, int, bytes]:
    level, index, digest = value
    return _count(level), _count(index), bytes.fromhex(digest)
