"""What a log sends to a witness: its old size, a proof, and its newest checkpoint."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from apps.ledger.merkle import HASH_BYTES
from apps.ledger.note import BadNote, Checkpoint, parse

MOST_PROOF_LINES = 63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class Malformed(ValueError):
    """A submission that is not written as C2SP tlog-witness says."""


@dataclass(frozen=True, slots=True)
class Submission:
    """`note` is the checkpoint as it was signed."""

    old: int
    path: tuple[bytes, ...]
    note: str
    checkpoint: Checkpoint


def write(old: int, path: Sequence[bytes], note: str) -> bytes:
    """The body of an `add-checkpoint` request."""
    lines = [f"old {old}", *(base64.b64encode(each).decode() for each in path), ""]
    return ("\n".join(lines) + "\n" + note).encode()


def read(body: bytes) -> Submission:
    """Read `write`. Raises `Malformed`."""
    try:
        head, gap, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None
    first, *proof = head.split("\n")
    old = _OLD.fullmatch(first)
    if not gap or not old:
        raise Malformed("the first line is: old, a space, a size without leading zeroes")
    if len(proof) > MOST_PROOF_LINES:
        raise Malformed(f"a proof has at most {MOST_PROOF_LINES} lines")
    try:
        checkpoint = Checkpoint.parse(parse(note).text)
    except BadNote as error:
        raise Malformed(str(error)) from error
    return Submission(int(old[1]), tuple(map(_hash, proof)), note, checkpoint)


def _hash(line: str) -> bytes:
    try:
        found = base64.b64decode(line, validate=True)
    except ValueError:
        found = b""
    if len(found) != HASH_BYTES:
        raise Malformed("a line of the proof is 32 bytes in base64")
    return found
