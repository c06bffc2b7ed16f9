"""Keys that sign for the whole installation, with rotation and overlap.

`checkpoint_keys()` is what the ledger's sequencer signs with: rows are read again every few
seconds, never per signature. During a rotation's overlap the old and the new key both sign, so
that whoever trusts only the old one can follow to the new one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.postgres.functions import TransactionNow
from django.db import models

from apps.custody import making, sealkey
from apps.custody.models import SigningKey
from apps.custody.sealkey import SealSigner
from apps.ledger.signing import PublicKey

CHECKPOINTS = "ledger.checkpoint"
REREAD_S = 5.0  # how long a process may miss a rotation; an overlap lasts hours


@dataclass(frozen=True, slots=True)
class Ed25519Key:
    """An Ed25519 key in memory (RFC 8032). `public` is its 32 bytes."""

    public: bytes
    _private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"Ed25519Key({self.public.hex()[:16]})"


@dataclass(frozen=True, slots=True)
class _Known:
    row: SigningKey
    key: Ed25519Key


class SigningKeys:
    """All keys of one purpose. Safe to keep for the life of a process."""

    def __init__(self, purpose: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.purpose = purpose
        self._clock = clock
        self._rows: list[SigningKey] = []
        self._fresh_until = 0.0
        self._opened: dict[bytes, Ed25519Key] = {}

    def active(self, now: datetime) -> tuple[Ed25519Key, ...]:
        """The keys that sign at `now`, newest first; the first key ever is made at first need.

        Raises `KeysUnavailable`, `KeysRefused`, `CannotOpen`.
        """
        known = self._read()
        # A caller's clock may be behind the one by which the first key became active.
        rows = [row for row in known if is_active(row, now)] or known[-1:]
        if not rows:
            rows = [making.first_key(self.purpose, SigningKey.Algorithm.ED25519)]
            self._fresh_until = 0.0
        return tuple(self._open(row) for row in reversed(rows))

    def public_history(self) -> tuple[PublicKey, ...]:
        """Every key that ever signed, oldest first, with the time in which it did."""
        return tuple(
            PublicKey(bytes(row.public), row.active_from, row.active_until) for row in self._read()
        )

    def _read(self) -> list[SigningKey]:
        if self._clock() < self._fresh_until:
            return self._rows
        rows = list(rows_of(self.purpose))
        if rows and all(row.is_committed for row in rows):  # type: ignore[attr-defined]
            self._rows, self._fresh_until = rows, self._clock() + REREAD_S
        return rows

    def _open(self, row: SigningKey) -> Ed25519Key:
        public = bytes(row.public)
        if public not in self._opened:
            seed = making.open_private(row)
            self._opened[public] = Ed25519Key(public, Ed25519PrivateKey.from_private_bytes(seed))
        return self._opened[public]


def is_active(row: SigningKey, now: datetime) -> bool:
    """Whether the key signs at `now`."""
    return row.active_from <= now and (row.active_until is None or now < row.active_until)


def rows_of(purpose: str) -> models.QuerySet[SigningKey]:
    """Keys of a purpose, oldest first. Only what an earlier transaction made may be remembered."""
    earlier = models.ExpressionWrapper(
        models.Q(made_at__lt=TransactionNow()), output_field=models.BooleanField()
    )
    rows = SigningKey.objects.filter(purpose=purpose).annotate(is_committed=earlier)
    return rows.order_by("version")


_checkpoint_keys = SigningKeys(CHECKPOINTS)


def checkpoint_keys() -> SigningKeys:
    """What the ledger signs its checkpoints with."""
    return _checkpoint_keys


def seal_signer(certify: sealkey.Certify) -> SealSigner:
    """The key that seals packs, with the certificate that `certify` gives its public half."""
    return sealkey.seal_signer(certify)
