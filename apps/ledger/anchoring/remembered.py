"""What was signed and anchored last, remembered in a file outside the database.

Whoever puts an older database back, or another one, does not put this file back with it. It holds
sizes and roots, nothing of a person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from apps.ledger.anchoring.heads import Head
from apps.ledger.durable import write_durably


class MemoryDamaged(Exception):
    """The file is there and cannot be read: nothing may be signed until somebody has looked."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """`heads` by log: `root` for the log of logs, a tenant's id for its log.

    `halted` says by log why it may not be signed; the log of logs' halts all the others, because
    somebody outside holds proof that this database is not the one whose checkpoints we signed.
    """

    heads: Mapping[str, Head] = field(default_factory=dict)
    halted: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AnchorFile:
    """One file, replaced as a whole."""

    path: Path

    def read(self) -> Remembered:
        """Everything remembered; nothing before the first anchor. Raises `MemoryDamaged`."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Remembered()
        except OSError as error:
            raise MemoryDamaged(f"{self.path} cannot be read: {error.strerror}") from error
        try:
            found = json.loads(text)
            rows = found["heads"].items()
            heads = {log: Head(int(size), bytes.fromhex(root)) for log, (size, root) in rows}
            return Remembered(heads, {log: str(why) for log, why in found["halted"].items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MemoryDamaged(f"{self.path} is not what the console wrote there") from error

    def stamp(self) -> tuple[int, int]:
        """Changes whenever the file does: its time of change in nanoseconds, and its inode."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_ino)

    def remember(self, heads: Mapping[str, Head]) -> None:
        """Move these logs forward, never back. Raises `OSError`, `MemoryDamaged`."""
        known = self.read()
        newer = {
            log: head
            for log, head in heads.items()
            if log not in known.heads or known.heads[log].size < head.size
        }
        if newer:
            self._write(Remembered({**known.heads, **newer}, known.halted))

    def halt(self, log: str, words: str) -> None:
        """From now on this log is not signed; empty words end that. Raises as `remember` does."""
        known = self.read()
        halted = {**known.halted, log: words} if words else dict(known.halted)
        if not words:
            halted.pop(log, None)
        if halted != known.halted:
            self._write(Remembered(known.heads, halted))

    def _write(self, kept: Remembered) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        rows = {log: [head.size, head.root.hex()] for log, head in sorted(kept.heads.items())}
        document = {"v": 1, "halted": dict(kept.halted), "heads": rows}
        text = json.dumps(document, separators=(",", ":"))
        write_durably(self.path, text.encode() + b"\n")
