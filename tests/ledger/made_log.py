"""A log made up for tests of the verifier, exported by the same writer as a tenant's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import rfc8785

from apps.ledger import note
from apps.ledger.export.content import Content, Older
from apps.ledger.export.writing import write
from apps.ledger.merkle import consistency_path, hashes_of, leaf_hash, root_of
from apps.ledger.tiles import TileHashes
from tests.ledger.note_keys import MemoryKeys

TENANT = UUID("5b9e7d1c-0f83-4c3e-9a34-6d2b1d2f7a10")
ORIGIN = f"bailiwick.localhost/ledger/{TENANT}"
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
SOURCE = "0b7c2f0e-5f0c-4c37-8f7e-3a2d9c1f4b11"


def body_of(number: int, words: str = "asked") -> bytes:
    """The canonical bytes of a made-up event."""
    return rfc8785.dumps(
        {
            "v": 2,
            "event_id": str(UUID(int=number + 1)),
            "tenant_id": str(TENANT),
            "actor": "service:test",
            "action": f"test.thing.{words}",
            "target": {"type": "test.thing", "id": str(number)},
            "at": (BEGAN + timedelta(seconds=number)).isoformat(timespec="microseconds"),
            "source": {"id": SOURCE, "seq": number + 1},
            "data": {"number": number},
        }
    )


@dataclass
class MadeLog:
    """Bodies and the tree over them, with checkpoints signed at the sizes asked for."""

    bodies: list[bytes]
    keys: MemoryKeys = field(default_factory=MemoryKeys)

    def __post_init__(self) -> None:
        self.leaves = [leaf_hash(body) for body in self.bodies]

    @property
    def vkey(self) -> str:
        """The verifier key of the newest signing key."""
        return str(note.Verifier(ORIGIN, self.keys.signing[0].public))

    def note(self, size: int) -> str:
        """A signed checkpoint over the first `size` entries."""
        text = note.Checkpoint(ORIGIN, size, root_of(self.leaves[:size])).text
        return note.sign(text, name=ORIGIN, keys=self.keys.signing)

    def older(self, sizes: Sequence[int]) -> list[Older]:
        """Older checkpoints with their consistency proofs."""
        hashes, size = hashes_of(self.leaves), len(self.leaves)
        return [Older(self.note(n), self.at(n), consistency_path(hashes, n, size)) for n in sizes]

    def at(self, size: int) -> datetime:
        """When the checkpoint of that size was signed."""
        return BEGAN + timedelta(seconds=size)

    def content(self, *, first: int = 0, older: Sequence[int] = ()) -> Content:
        """What the export of the whole log holds; entries below `first` were pruned."""
        size = len(self.leaves)
        tiles = TileHashes(
            size=size,
            read_tile=lambda level, index: None,
            read_leaves=lambda start, end: self.leaves[start:end],
        )
        return Content(
            note=self.note(size),
            at=self.at(size),
            first=first,
            keys=self.keys.public_history(),
            bodies=lambda start, end: [
                body if start + i >= first else None
                for i, body in enumerate(self.bodies[start:end])
            ],
            tile=lambda level, index, width: b"".join(tiles.tile(level, index)[:width]),
            older=self.older(older),
            receipts=[
                {"source": SOURCE, "name": "test", "ranges": [[1, size]], "at": "2026-11-22"}
            ],
        )

    def export(self, place: Path, *, first: int = 0, older: Sequence[int] = ()) -> Path:
        """Write it to `place`."""
        write(place, self.content(first=first, older=older), keys=self.keys.signing)
        return place


def plain_bodies(size: int) -> list[bytes]:
    """Quickly made bodies that differ in their number alone, for logs of many blocks."""
    template = body_of(0).replace(b'"seq":1}', b'"seq":%d}')
    return [template % (number + 1) for number in range(size)]


def made_log(size: int, keys: MemoryKeys | None = None) -> MadeLog:
    """A log of `size` events."""
    return MadeLog([body_of(number) for number in range(size)], keys or MemoryKeys())
