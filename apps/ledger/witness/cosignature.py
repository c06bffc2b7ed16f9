"""Cosignatures: a witness's word that, at a time, a checkpoint continued all that it had seen.

https://c2sp.org/tlog-cosignature, the Ed25519 kind (0x04).
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from apps.ledger.note import BadNote, Signature, is_name, key_id, parse

COSIGNATURE = 0x04
_TIME = struct.Struct(">Q")
_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness as those know it who believe it: its name and its Ed25519 public key."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that lead a signature to this witness."""
        return key_id(self.name, COSIGNATURE, self.public)

    def __str__(self) -> str:
        """The verifier key as it is handed out: `<name>+<hash>+<key>`."""
        material = base64.b64encode(bytes([COSIGNATURE]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, written: str) -> Witness:
        """Read a verifier key. Raises `BadNote` for another kind of key or a wrong hash."""
        name, _, rest = written.strip().partition("+")
        identity, _, encoded = rest.partition("+")
        try:
            data = base64.b64decode(encoded, validate=True)
        except ValueError:
            data = b""
        if not is_name(name) or len(data) != 33 or data[0] != COSIGNATURE:
            raise BadNote("this is no witness's verifier key: <name>+<hash>+<base64>")
        witness = cls(name, data[1:])
        if witness.key_id.hex() != identity:
            raise BadNote("the hash of the verifier key is not that of its name and key")
        return witness

    def time_of(self, text: str, signature: Signature) -> datetime | None:
        """When this witness cosigned the text; nothing when it did not."""
        if (signature.name, signature.key_id) != (self.name, self.key_id):
            return None
        if len(signature.blob) != _TIME.size + _SIGNATURE_BYTES:
            return None
        (seconds,) = _TIME.unpack_from(signature.blob)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(
                signature.blob[_TIME.size :], _message(text, seconds)
            )
            return datetime.fromtimestamp(seconds, UTC)
        except (InvalidSignature, ValueError, OverflowError, OSError):
            return None


def cosign(text: str, *, name: str, key: Ed25519PrivateKey, at: datetime) -> Signature:
    """The cosignature of a checkpoint's text, at whole seconds."""
    seconds = int(at.timestamp())
    public = key.public_key().public_bytes_raw()
    blob = _TIME.pack(seconds) + key.sign(_message(text, seconds))
    return Signature(name, Witness(name, public).key_id, blob)


def read_lines(text: str, lines: str, witnesses: Iterable[Witness]) -> list[Signature]:
    """The cosignatures of `text` among signature lines; lines of unknown keys are left out.

    Raises `BadNote` when the lines cannot be read.
    """
    known = list(witnesses)
    return [
        signature
        for signature in parse(f"{text}\n{lines}").signatures
        if any(each.time_of(text, signature) for each in known)
    ]


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
