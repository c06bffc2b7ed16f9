"""A large file sealed in segments, so that any part of it opens without reading the rest.

STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015) over AES-256-GCM: segments of 1 MiB,
each under a nonce of an 11-byte counter and a byte that is 1 for the last segment only. So no
segment can be changed, moved, repeated or left out, and a shortened file has no last segment. The
key serves one file and no other, which is why counting nonces are safe; it rests sealed in the
file's head. The associated data is the file's place and its head.

    magic (8) | length of the sealed key (4) | sealed key | segment | segment | … | last segment
"""

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.common.keyring import CannotOpen

MAGIC = b"BWKSEG1\n"  # a file sealed whole begins with a version 4 UUID, which this is not
SEGMENT = 1 << 20
TAG = 16
LONGEST_KEY = 4096  # a sealed key is far shorter; a changed length must not make us read much
KeyWork = Callable[[bytes], bytes]


def seal_segments(source: BinaryIO, target: BinaryIO, *, seal_key: KeyWork, place: str) -> int:
    """Seal everything from `source`; returns the number of plain bytes. Constant memory."""
    key = AESGCM.generate_key(bit_length=256)
    sealed_key = seal_key(key)
    head = MAGIC + struct.pack(">I", len(sealed_key)) + sealed_key
    target.write(head)
    cipher, bound = AESGCM(key), place.encode() + head
    number, total = 0, 0
    piece = source.read(SEGMENT)
    while True:
        following = source.read(SEGMENT) if len(piece) == SEGMENT else b""
        target.write(cipher.encrypt(_nonce(number, last=not following), piece, bound))
        total += len(piece)
        if not following:
            return total
        number, piece = number + 1, following


@dataclass(frozen=True)
class SealedFile:
    """A sealed file whose key is open. `size` is of the plain bytes."""

    file: BinaryIO
    size: int
    _head: int
    _last: int
    _cipher: AESGCM
    _bound: bytes

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Plain bytes from `start` up to, not including, `end`, a segment at a time.

        Raises `CannotOpen` at the first segment that is not what was sealed. Closes the file.
        """
        with self.file:
            for number in range(start // SEGMENT, max(start, end - 1) // SEGMENT + 1):
                first = number * SEGMENT
                piece = self._segment(number)
                yield piece[max(0, start - first) : max(0, end - first)]

    def _segment(self, number: int) -> bytes:
        self.file.seek(self._head + number * (SEGMENT + TAG))
        sealed = self.file.read(SEGMENT + TAG)
        try:
            nonce = _nonce(number, last=number == self._last)
            return self._cipher.decrypt(nonce, sealed, self._bound)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(f"segment {number} of the sealed file does not open") from error


def is_segmented(file: BinaryIO) -> bool:
    """Whether the file was sealed in segments; leaves the file at its beginning."""
    start = file.read(len(MAGIC))
    file.seek(0)
    return start == MAGIC


def open_segments(file: BinaryIO, *, open_key: KeyWork, place: str) -> SealedFile:
    """Open the key of a sealed file; its segments are opened when they are read.

    Raises `CannotOpen` for a head that was changed or a length that no sealed file has.
    """
    head = file.read(len(MAGIC) + 4)
    if len(head) != len(MAGIC) + 4 or not head.startswith(MAGIC):
        raise CannotOpen("this file was not sealed in segments")
    (length,) = struct.unpack(">I", head[len(MAGIC) :])
    if length > LONGEST_KEY:
        raise CannotOpen("the head of the sealed file was changed")
    head += file.read(length)
    body = os.fstat(file.fileno()).st_size - len(head)
    count = -(-body // (SEGMENT + TAG))
    if body < TAG or body - (count - 1) * (SEGMENT + TAG) < TAG:
        raise CannotOpen("the sealed file is cut short")
    key = open_key(head[len(MAGIC) + 4 :])
    return SealedFile(
        file, body - count * TAG, len(head), count - 1, AESGCM(key), place.encode() + head
    )


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
