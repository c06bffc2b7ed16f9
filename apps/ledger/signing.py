"""Who signs checkpoints. Keys are kept above this floor, so custody introduces itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


class NoKeys(RuntimeError):
    """Nobody has introduced signing keys, so no checkpoint can be signed."""


class MayNotSign(RuntimeError):
    """What is to be signed contradicts what the world has already been told; the words say how."""


class NoteKey(Protocol):
    """One Ed25519 key that signs; its private half may live in a module or a service."""

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature (RFC 8032). Raises when the key cannot be used."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signed from `from_at` until `until_at`, or signs still."""

    public: bytes
    from_at: datetime
    until_at: datetime | None = None


class Keys(Protocol):
    """The keys of all checkpoints, with their past."""

    def active(self, now: datetime) -> tuple[NoteKey, ...]:
        """The keys that sign now, the newest first; two while one takes over from the other."""

    def public_history(self) -> tuple[PublicKey, ...]:
        """Every key that ever signed, so that old checkpoints can be checked."""


_introduced: list[Callable[[], Keys]] = []


def introduce_keys(factory: Callable[[], Keys]) -> None:
    """Name the one function that gives the keys; it is called each time they are asked for."""
    _introduced[:] = [factory]


def checkpoint_keys() -> Keys:
    """The keys that sign checkpoints. Raises `NoKeys` before anyone was introduced."""
    if not _introduced:
        raise NoKeys("no app has introduced the keys that sign checkpoints")
    return _introduced[0]()


Judge = Callable[[UUID, int, bytes, bytes], None]
"""Looks at a log (tenant, size, root, frontier) and raises `MayNotSign`."""

_judges: list[Judge] = []


def introduce_judge(judge: Judge) -> None:
    """Name the one function that is asked before a log is gone on with, and before each signature.

    It is asked about the state that the database holds when the sequencer first meets a log (size
    0 for one without checkpoints), and then about every state that is about to be signed; so it
    has to be quick.
    """
    _judges[:] = [judge]


def may_sign(tenant: UUID, size: int, root: bytes, frontier: bytes) -> None:
    """Ask whoever remembers what was anchored. Raises `MayNotSign`."""
    for judge in _judges:
        judge(tenant, size, root, frontier)
