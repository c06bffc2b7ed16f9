"""Records in quantity: kept in deflated portions, so that memory hardly grows with their number."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sized
from typing import Any, Protocol

Record = dict[str, Any]
PORTION = 2_000


class Rows(Sized, Protocol):
    """Records that can be gone through, again and again."""

    def __iter__(self) -> Iterator[Record]: ...


class Packed:
    """Records added one by one. A record takes about a tenth of its size as an object."""

    def __init__(self) -> None:
        self._portions: list[bytes] = []
        self._latest: list[Record] = []
        self._count = 0

    def add(self, record: Record) -> None:
        """Keep one more."""
        self._latest.append(record)
        self._count += 1
        if len(self._latest) >= PORTION:
            self._portions.append(zlib.compress(json.dumps(self._latest).encode(), 1))
            self._latest = []

    def add_all(self, records: Iterable[Record]) -> None:
        """Keep more, as they come."""
        for record in records:
            self.add(record)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Record]:
        for portion in self._portions:
            yield from json.loads(zlib.decompress(portion))
        yield from self._latest


def joined(*several: Iterable[Record]) -> Packed:
    """The records of several, in order."""
    whole = Packed()
    for records in several:
        whole.add_all(records)
    return whole
