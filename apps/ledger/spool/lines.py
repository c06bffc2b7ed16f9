"""A spool's bytes: a header, then one signed line for each event. Pure: no files, no database.

    {"v":1,"spool":…,"tenant":…,"key":…,"host":…,"at":…}
    {"n":1,"prev":…,"body":…,"sig":…}

`c(0)` is SHA-256 of the header's line; `c(n)` is SHA-256 over `c(n-1)`, n (8 bytes, big-endian) and
SHA-256 of the body. `prev` is `c(n-1)`, and the signature (Ed25519, RFC 8032) is over a prefix and
`c(n)`: so the last signature proves every body before it, from the bodies alone.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX = b"bailiwick ledger spool 1\n"
MOST_MISSING = 100  # numbers named one by one when a stretch is gone


@dataclass(frozen=True, slots=True)
class Header:
    """Which spool this is, whose events it holds, and the key that signs its lines."""

    spool: UUID
    tenant: UUID
    key: str
    host: str
    at: str

    def line(self) -> bytes:
        """The canonical first line, without its end."""
        return rfc8785.dumps(
            {
                "v": 1,
                "spool": str(self.spool),
                "tenant": str(self.tenant),
                "key": self.key,
                "host": self.host,
                "at": self.at,
            }
        )

    def start(self) -> bytes:
        """`c(0)`."""
        return hashlib.sha256(self.line()).digest()


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a spool, as it was signed."""

    number: int
    prev: bytes
    body: bytes
    signature: bytes

    def chained(self) -> bytes:
        """`c(n)`."""
        return chain(self.prev, self.number, self.body)

    def raw(self) -> bytes:
        """The canonical line, without its end."""
        return rfc8785.dumps(
            {
                "n": self.number,
                "prev": self.prev.hex(),
                "body": self.body.decode(),
                "sig": base64.b64encode(self.signature).decode(),
            }
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one number of a spool; number 0 is the file as a whole."""

    number: int
    reason: str


@dataclass(slots=True)
class Read:
    """What a spool's bytes say: the lines that are authentic, what is wrong, what was torn off."""

    header: Header | None = None
    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    torn: int = 0

    @property
    def last(self) -> Line | None:
        """The authentic line with the highest number."""
        return max(self.lines, key=lambda line: line.number, default=None)


def chain(prev: bytes, number: int, body: bytes) -> bytes:
    """`c(n)` from `c(n-1)`."""
    digest = hashlib.sha256(body).digest()
    return hashlib.sha256(prev + number.to_bytes(8, "big") + digest).digest()


def signed_bytes(chained: bytes) -> bytes:
    """What is signed for a line."""
    return PREFIX + chained


def read(data: bytes) -> Read:
    """Judge a spool's bytes. What follows a bad line is judged by its own signature."""
    whole, rest = _cut(data)
    found = Read()
    if not whole:
        found.torn = len(rest)
        return found
    found.header = _header(whole[0])
    if found.header is None:
        found.faults.append(Fault(0, "unreadable"))
        return found
    _judge(found, found.header, whole[1:], rest)
    return found


def _cut(data: bytes) -> tuple[list[bytes], bytes]:
    *whole, rest = data.split(b"\n")
    return whole, rest


def _judge(found: Read, header: Header, whole: list[bytes], rest: bytes) -> None:
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(header.key))
    expected = 1
    after: bytes | None = header.start()  # `prev` of the next line, while it can be known
    for raw in whole:
        line = _line(raw)
        if line is None or not _is_signed(line, key):
            reason = "unreadable" if line is None else "wrong_signature"
            found.faults.append(Fault(expected, reason))
            expected, after = expected + 1, None  # what it says its number is proves nothing
            continue
        found.faults += _left_out(expected, line.number)
        if line.number == expected and after is not None and line.prev != after:
            found.faults.append(Fault(expected, "broken_chain"))
        found.lines.append(line)
        after = line.chained() if line.number >= expected else None
        expected = max(expected, line.number + 1)
    _judge_rest(found, rest, key)


def _judge_rest(found: Read, rest: bytes, key: Ed25519PublicKey) -> None:
    """A write that was cut short; a whole line that only lacks its end counts as one."""
    line = _line(rest) if rest else None
    if line is not None and _is_signed(line, key):
        found.lines.append(line)
    else:
        found.torn = len(rest)


def _left_out(expected: int, number: int) -> Iterator[Fault]:
    if number < expected:
        yield Fault(number, "out_of_order")
    for missing in range(expected, min(number, expected + MOST_MISSING)):
        yield Fault(missing, "missing")


def _is_signed(line: Line, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(line.signature, signed_bytes(line.chained()))
    except InvalidSignature:
        return False
    return True


def _header(raw: bytes) -> Header | None:
    said = _object(raw, {"v", "spool", "tenant", "key", "host", "at"})
    try:
        header = Header(
            UUID(said["spool"]), UUID(said["tenant"]), said["key"], said["host"], said["at"]
        )
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(header.key))
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    return header if said["v"] == 1 and header.line() == raw else None


def _line(raw: bytes) -> Line | None:
    said = _object(raw, {"n", "prev", "body", "sig"})
    try:
        line = Line(
            int(said["n"]),
            bytes.fromhex(said["prev"]),
            said["body"].encode(),
            base64.b64decode(said["sig"], validate=True),
        )
        return line if line.number > 0 and line.raw() == raw else None
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return None


def _object(raw: bytes, names: set[str]) -> dict[str, Any]:
    """A JSON object of exactly these names, or an empty one."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and said.keys() == names else {}
