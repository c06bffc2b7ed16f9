"""Signed notes and checkpoints as C2SP writes them.

https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint. A note is a text, an empty line
and a line per signature; a checkpoint is a note that tells origin, size and root of a log.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from apps.ledger.merkle import HASH_BYTES
from apps.ledger.signing import NoteKey

ED25519 = 0x01
KEY_ID_BYTES = 4
_DASH = "\u2014"
_SIGNATURE = re.compile(rf"{_DASH} (?P<name>[^\s+]+) (?P<blob>[A-Za-z0-9+/=]+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_MOST_SIGNATURES = 100


class BadNote(ValueError):
    """A note that is not written as C2SP says, or that no known key has signed."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line: who, which key, and the bytes (whose meaning the key's kind decides)."""

    name: str
    key_id: bytes
    blob: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text, ending in a newline, and its signatures, known or not."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name and the Ed25519 public key that signs under it."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that lead a signature to its key."""
        return key_id(self.name, ED25519, self.public)

    def __str__(self) -> str:
        """The verifier key as it is handed out: `<name>+<hash>+<key>`."""
        return _written(self.name, self.key_id, bytes([ED25519]) + self.public)

    @classmethod
    def parse(cls, written: str) -> Verifier:
        """Read a verifier key. Raises `BadNote` for another kind of key or a wrong hash."""
        name, _, rest = written.strip().partition("+")
        identity, _, encoded = rest.partition("+")
        data = _decode(encoded)
        if not is_name(name) or len(data) != 1 + HASH_BYTES or data[0] != ED25519:
            raise BadNote("this is no Ed25519 verifier key: <name>+<hash>+<base64>")
        verifier = cls(name, data[1:])
        if verifier.key_id.hex() != identity:
            raise BadNote("the hash of the verifier key is not that of its name and key")
        return verifier

    def accepts(self, text: str, signature: Signature) -> bool:
        """Whether this key made that signature of the text."""
        if (signature.name, signature.key_id) != (self.name, self.key_id):
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature.blob, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its origin, how many entries it has, and their root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        return "\n".join([*lines, *self.extensions]) + "\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text. Raises `BadNote` when it is no checkpoint."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not lines[0] or not all(lines[3:]):
            raise BadNote("a checkpoint has a line each for origin, size and root")
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise BadNote("the size of a checkpoint is a whole number")
        root = _decode(lines[2])
        if len(root) != HASH_BYTES:
            raise BadNote("the root of a checkpoint is 32 bytes in base64")
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:]))


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The four bytes that stand for a name and its key, of the kind 0x01 for Ed25519."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:KEY_ID_BYTES]


def is_name(name: str) -> bool:
    """Whether a key may be called so: not empty, no spaces, no plus sign."""
    return bool(re.fullmatch(r"[^\s+]+", name))


class Signer:
    """Signs texts under one name with every one of some keys. Make it once for many texts.

    Raises `BadNote` for a name that cannot be in a note.
    """

    __slots__ = ("_lines", "keys", "name")

    def __init__(self, name: str, keys: Sequence[NoteKey]) -> None:
        if not is_name(name):
            raise BadNote("a note is signed under a name without spaces or plus signs")
        self.name, self.keys = name, keys
        self._lines = [(key, Verifier(name, key.public).key_id) for key in keys]

    def sign(self, text: str) -> str:
        """The note of a text that ends in a newline.

        Raises `BadNote` for another text; whatever a key raises goes through.
        """
        if not text.endswith("\n") or _CONTROL.search(text):
            raise BadNote("a note is lines of text without control characters")
        message = text.encode()
        lines = [_line(self.name, identity + key.sign(message)) for key, identity in self._lines]
        return f"{text}\n{''.join(lines)}"


def sign(text: str, *, name: str, keys: Sequence[NoteKey]) -> str:
    """The note of a text, signed by every one of the keys under one name (see `Signer`)."""
    return Signer(name, keys).sign(text)


def add(note: str, signatures: Iterable[Signature]) -> str:
    """The note with further signatures at its end, a witness's for instance."""
    return note + "".join(_line(each.name, each.key_id + each.blob) for each in signatures)


def parse(note: str) -> Note:
    """Read a note without judging its signatures. Raises `BadNote`."""
    if _CONTROL.search(note):
        raise BadNote("a note holds no control characters")
    body, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise BadNote("a note has a text, an empty line, and lines of signatures")
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise BadNote(f"a note of more than {_MOST_SIGNATURES} signatures is not read")
    return Note(f"{body}\n", tuple(map(_signature, lines)))


def check(note: str, verifiers: Iterable[Verifier]) -> Note:
    """The note with the signatures that were made by known keys; unknown keys are ignored.

    Raises `BadNote` when no known key signed, or when one is said to have signed and did not.
    """
    found = parse(note)
    known = {(each.name, each.key_id): each for each in verifiers}
    good = []
    for signature in found.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.accepts(found.text, signature):
            raise BadNote(f"the signature of {signature.name} is not that of this text")
        good.append(signature)
    if not good:
        raise BadNote("no known key has signed this note")
    return Note(found.text, tuple(good))


def _signature(line: str) -> Signature:
    found = _SIGNATURE.fullmatch(line)
    data = _decode(found["blob"]) if found else b""
    if not found or len(data) <= KEY_ID_BYTES:
        raise BadNote("a signature is a dash, a name and base64")
    return Signature(found["name"], data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def _line(name: str, blob: bytes) -> str:
    return f"{_DASH} {name} {base64.b64encode(blob).decode()}\n"


def _written(name: str, identity: bytes, data: bytes) -> str:
    return f"{name}+{identity.hex()}+{base64.b64encode(data).decode()}"


def _decode(written: str) -> bytes:
    """Only the one way of writing the bytes: what is signed must not have twins."""
    try:
        data = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise BadNote("this is not base64") from wrong
    if base64.b64encode(data).decode() != written:
        raise BadNote("this is not how base64 is written")
    return data
