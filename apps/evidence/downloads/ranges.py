"""One byte range of a file, as RFC 9110 §14 asks for it. Pure.

Several ranges in one request are answered with the whole file, which the RFC lets a server do
(§14.2); so is a range of a unit that is not bytes, and one whose `If-Range` no longer fits.
"""

import re
from dataclasses import dataclass

from apps.common.errors import DomainError

_ONE = re.compile(r"bytes=\s*(?P<first>\d{0,18})-(?P<last>\d{0,18})\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes from `first` to `last`, both included, of `size`."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def is_whole(self) -> bool:
        return self.length == self.size

    @property
    def content_range(self) -> str:
        """The value of `Content-Range` (§14.4)."""
        return f"bytes {self.first}-{self.last}/{self.size}"


class RangeOutside(DomainError):
    """The range lies behind the end of the file (§15.5.17)."""

    code = "range_outside"
    status = 416
    title = "There is no such part"


def choose_part(asked: str, *, if_range: str, etag: str, size: int) -> tuple[Part, bool]:
    """What to send, and whether it answers a range. Raises `RangeOutside`.

    `asked` and `if_range` are the headers' values, empty when they are absent.
    """
    whole = Part(0, size - 1, size)
    if if_range and if_range != etag:  # a strong comparison (§13.1.5): dates never fit
        return whole, False
    found = _ONE.fullmatch(asked)
    if found is None or not (found["first"] or found["last"]):
        return whole, False
    first, last = _bounds(found["first"], found["last"], size)
    if found["first"] and found["last"] and int(found["last"]) < int(found["first"]):
        return whole, False  # an invalid range is ignored (§14.1.1)
    if first >= size or first > last:
        raise RangeOutside(f"The file has {size} bytes; ask for a part of them.", size=size)
    return Part(first, last, size), True


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        length = int(last)
        return (size if length == 0 else max(0, size - length)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
