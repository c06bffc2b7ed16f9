"""Keys in memory for tests that sign checkpoints."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.ledger.signing import NoteKey, PublicKey


class MemoryKey:
    """An Ed25519 key that lives as long as the test."""

    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


@dataclass
class MemoryKeys:
    """Keys whose rotation a test decides."""

    signing: list[NoteKey] = field(default_factory=lambda: [MemoryKey()])
    past: list[PublicKey] = field(default_factory=list)

    def active(self, now: datetime) -> tuple[NoteKey, ...]:
        return tuple(self.signing)

    def public_history(self) -> tuple[PublicKey, ...]:
        since = datetime(2026, 1, 1, tzinfo=UTC)
        return (*self.past, *(PublicKey(key.public, since) for key in self.signing))
