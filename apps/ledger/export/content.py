"""What an export holds, before it is files."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.ledger.note import Checkpoint, Verifier, parse
from apps.ledger.signing import PublicKey


@dataclass(frozen=True, slots=True)
class Older:
    """An older checkpoint, when it was signed, and the proof that the log only grew since."""

    note: str
    at: datetime
    proof: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the database's rows say against each other: an exit code of the verifier and words."""

    code: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One log up to one checkpoint.

    `bodies(start, end)` gives each entry's bytes, or nothing where the entry is gone; entries
    below `first` were pruned. `tile(level, index, width)` gives that many hashes.
    """

    note: str
    at: datetime
    first: int = 0
    keys: Sequence[PublicKey]
    witnesses: Sequence[str] = ()
    bodies: Callable[[int, int], Iterable[bytes | None]]
    tile: Callable[[int, int, int], bytes]
    older: Iterable[Older] = ()
    anchors: Sequence[tuple[str, bytes]] = ()
    receipts: Sequence[dict[str, Any]] = ()
    findings: Iterable[Finding] = ()

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that the note signs."""
        return Checkpoint.parse(parse(self.note).text)

    def key_history(self) -> dict[str, Any]:
        """keys.json: who signed when, and the witnesses we know of."""
        origin = self.checkpoint.origin
        return {
            "log": [
                {
                    "key": str(Verifier(origin, key.public)),
                    "from": moment(key.from_at),
                    "until": moment(key.until_at) if key.until_at else None,
                }
                for key in self.keys
            ],
            "witnesses": list(self.witnesses),
        }


def moment(at: datetime) -> str:
    """A moment as text that sorts by time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
