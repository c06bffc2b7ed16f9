"""Before anything is signed: does the log continue what was anchored last?

A database put back from an older backup has a shorter log; a changed one has another root at the
same size. Neither is signed: a signature on it would be the proof of a fork, made by ourselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from apps.ledger.anchoring.heads import ROOT_LOG, Head
from apps.ledger.anchoring.remembered import AnchorFile, MemoryDamaged, Remembered
from apps.ledger.merkle import BadProof, Hashes, check_consistency, consistency_path

_WHAT_TO_DO = "Nothing is signed until the right database is back; see the ledger's README."


class SigningRefused(Exception):
    """A log does not continue its last anchor: `code` is shrunk, forked, halted or unknown."""

    def __init__(self, log: str, code: str, words: str) -> None:
        super().__init__(f"{words} {_WHAT_TO_DO}")
        self.log, self.code, self.found = log, code, words

    @property
    def words(self) -> str:
        """For people: what was found, and what to do."""
        return str(self)


@dataclass
class Guard:
    """One per signing process. It proves a log when it meets it and then follows its growth."""

    file: AnchorFile
    _stamp: tuple[int, int] = (-1, -1)
    _last: Remembered = field(default_factory=Remembered)

    def require(self, log: str, head: Head, hashes: Callable[[], Hashes]) -> None:
        """Raise `SigningRefused` unless a log holds what was anchored of it last.

        `hashes` opens the tree of `head.size`, and is called only when something was anchored.
        """
        anchored = self.anchored(log)
        if anchored is None or anchored == head:
            return
        if head.size < anchored.size:
            raise SigningRefused(log, "shrunk", _shrunk(log, head, anchored))
        try:
            path = consistency_path(hashes(), anchored.size, head.size)
            check_consistency(anchored.size, head.size, anchored.root, head.root, path)
        except (BadProof, ValueError, LookupError) as error:
            raise SigningRefused(log, "forked", _forked(log, anchored)) from error

    def anchored(self, log: str) -> Head | None:
        """What was anchored last. Raises `SigningRefused` when this log is halted, or all are."""
        stamp = self.file.stamp()
        if stamp != self._stamp:
            try:
                self._last = self.file.read()
            except MemoryDamaged as error:
                raise SigningRefused(log, "unknown", f"{error}.") from error
            self._stamp = stamp
        halted = self._last.halted
        if words := halted.get(ROOT_LOG) or halted.get(log):
            raise SigningRefused(log, "halted", words)
        return self._last.heads.get(log)


def name_of(log: str) -> str:
    """A log in words."""
    return "the log of logs" if log == ROOT_LOG else f"the log of tenant {log}"


def _shrunk(log: str, head: Head, anchored: Head) -> str:
    return (
        f"The database holds {head.size} entries of {name_of(log)}, but {anchored.size} were"
        " anchored: an older state of it has been put back."
    )


def _forked(log: str, anchored: Head) -> str:
    return (
        f"The first {anchored.size} entries of {name_of(log)} are not those that were anchored:"
        " entries were changed, or this is another database."
    )
