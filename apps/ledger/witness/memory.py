"""What a witness remembers: its key, and the latest checkpoint of each log that it cosigned.

One SQLite file, flushed before anything is answered. Losing it means a new witness with a new key:
a witness that forgot must not vouch for what it no longer knows.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_TABLES = """
    CREATE TABLE IF NOT EXISTS witness (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS log (
        origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL
    );
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest cosigned checkpoint of a log, with its cosignature."""

    size: int
    root: bytes
    note: str


class Memory:
    """Opens or makes the file. Raises `OSError` or `sqlite3.Error` when it cannot be used."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._lock = RLock()  # the key is read while a decision is taken
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA synchronous = EXTRA")
        self._file.executescript(_TABLES)
        self._file.execute(
            "INSERT INTO witness VALUES (1, ?) ON CONFLICT DO NOTHING",
            [Ed25519PrivateKey.generate().private_bytes_raw()],
        )

    @property
    def key(self) -> Ed25519PrivateKey:
        """The witness's own key, made with the file."""
        with self._lock:
            (raw,) = self._file.execute("SELECT key FROM witness").fetchone()
        return Ed25519PrivateKey.from_private_bytes(raw)

    def seen(self, origin: str) -> Seen | None:
        """The latest checkpoint cosigned for a log."""
        with self._lock:
            return self._seen(origin)

    def all_seen(self) -> dict[str, Seen]:
        """The latest checkpoint of every log."""
        with self._lock:
            rows = self._file.execute("SELECT origin, size, root, note FROM log").fetchall()
        return {origin: Seen(size, root, note) for origin, size, root, note in rows}

    @contextmanager
    def deciding(self, origin: str) -> Iterator[Decision]:
        """Read, judge and keep in one transaction that no other caller or process can enter."""
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield Decision(self._file, origin, self._seen(origin))
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    def _seen(self, origin: str) -> Seen | None:
        query = "SELECT size, root, note FROM log WHERE origin = ?"
        row = self._file.execute(query, [origin]).fetchone()
        return Seen(*row) if row else None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was seen last, and the way to remember what is seen now."""

    file: sqlite3.Connection
    origin: str
    last: Seen | None

    def keep(self, seen: Seen) -> None:
        """Remember; it is durable when the decision's block has ended."""
        self.file.execute(
            "INSERT INTO log VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE"
            " SET size = excluded.size, root = excluded.root, note = excluded.note",
            [self.origin, seen.size, seen.root, seen.note],
        )
