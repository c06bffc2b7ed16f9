"""Documents in memory, written through to one SQLite file so that they survive a restart."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

_TABLE = """
CREATE TABLE IF NOT EXISTS document (
    number INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (bucket, key)
)
"""
_UPSERT = """
INSERT INTO document (bucket, key, body) VALUES (?, ?, ?)
ON CONFLICT (bucket, key) DO UPDATE SET body = excluded.body
"""


class Store:
    """Buckets of documents by key, in the order of their first writing.

    A document that was read is changed by putting it again, never in place."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(_TABLE)
        self._buckets: dict[str, dict[str, Document]] = {}
        self._read_back()

    def _read_back(self) -> None:
        rows = self._database.execute("SELECT bucket, key, body FROM document ORDER BY number")
        for bucket, key, body in rows:
            self._buckets.setdefault(bucket, {})[key] = json.loads(body)

    def get(self, bucket: str, key: str) -> Document | None:
        return self._buckets.get(bucket, {}).get(key)

    def all(self, bucket: str) -> list[Document]:
        return list(self._buckets.get(bucket, {}).values())

    def keys(self, bucket: str) -> list[str]:
        return list(self._buckets.get(bucket, {}))

    def names(self, prefix: str) -> list[str]:
        """The buckets whose names begin so."""
        return [name for name in self._buckets if name.startswith(prefix)]

    def count(self, bucket: str) -> int:
        return len(self._buckets.get(bucket, {}))

    def put(self, bucket: str, key: str, document: Document) -> None:
        self._database.execute(_UPSERT, (bucket, key, json.dumps(document)))
        self._buckets.setdefault(bucket, {})[key] = document

    def put_many(self, bucket: str, documents: Iterable[tuple[str, Document]]) -> None:
        """Write all documents in one transaction."""
        pairs = list(documents)
        rows = [(bucket, key, json.dumps(document)) for key, document in pairs]
        with self.together():
            self._database.executemany(_UPSERT, rows)
        self._buckets.setdefault(bucket, {}).update(pairs)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what comes inside in one transaction, which many small ones would take long for."""
        if self._database.in_transaction:
            yield
            return
        self._database.execute("BEGIN")
        try:
            yield
        finally:
            self._database.execute("COMMIT")

    def remove(self, bucket: str, key: str) -> None:
        self._database.execute("DELETE FROM document WHERE bucket = ? AND key = ?", (bucket, key))
        self._buckets.get(bucket, {}).pop(key, None)

    def clear(self, *, keep: frozenset[str]) -> None:
        """Forget every bucket but those named in `keep`."""
        for bucket in [name for name in self._buckets if name not in keep]:
            self._database.execute("DELETE FROM document WHERE bucket = ?", (bucket,))
            del self._buckets[bucket]

    def add(self, bucket: str, key: str, amount: int) -> int:
        """Add to the number kept under this key and return the new number."""
        number = int((self.get(bucket, key) or {"value": 0})["value"]) + amount
        self.put(bucket, key, {"value": number})
        return number

    def number(self, bucket: str, key: str) -> int:
        return int((self.get(bucket, key) or {"value": 0})["value"])

    def begin(self) -> dict[str, dict[str, Document]]:
        """Start a transaction; the answer is what `roll_back` needs."""
        self._database.execute("BEGIN")
        return {name: dict(bucket) for name, bucket in self._buckets.items()}

    def commit(self) -> None:
        self._database.execute("COMMIT")

    def roll_back(self, before: dict[str, dict[str, Document]]) -> None:
        self._database.execute("ROLLBACK")
        self._buckets = before

    def close(self) -> None:
        self._database.close()
