"""A log file while it is taken: deflated in memory as it comes, never in the clear on a disk."""

import codecs
import hashlib
import zlib
from collections.abc import Iterator

PIECE_BYTES = 1_000_000
_READ_BYTES = 65_536


class Packed:
    """Takes bytes in with `write` and gives them back as lines; `restart` forgets them."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin anew: an answer that broke off is sent again from its start."""
        self.size_bytes = 0
        self._hash = hashlib.sha256()
        self._deflate = zlib.compressobj(6)
        self._packed = bytearray()

    def write(self, data: bytes) -> None:
        """Take in the next bytes."""
        self.size_bytes += len(data)
        self._hash.update(data)
        self._packed += self._deflate.compress(data)

    def finish(self) -> None:
        """Nothing more comes."""
        self._packed += self._deflate.flush()

    @property
    def sha256(self) -> str:
        """The hash of the bytes as they came."""
        return self._hash.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """What to keep, in pieces; see `lines_of`."""
        for start in range(0, len(self._packed), PIECE_BYTES):
            yield bytes(self._packed[start : start + PIECE_BYTES])


def bytes_of(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes as they came, a part at a time."""
    inflate = zlib.decompressobj()
    for piece in pieces:
        left = piece
        while left:
            yield inflate.decompress(left, _READ_BYTES)
            left = inflate.unconsumed_tail
    yield inflate.flush()


def lines_of(pieces: Iterator[bytes]) -> Iterator[str]:
    """Lines with their ends; only line feeds end one, whatever other separators cells hold."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    rest = ""
    for part in bytes_of(pieces):
        *whole, rest = (rest + decoder.decode(part)).split("\n")
        yield from (f"{line}\n" for line in whole)
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest
