"""What every anchor outside has in common: it holds a global checkpoint, or says why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from apps.ledger.anchoring.rootlog import Signed
from apps.ledger.merkle import Hashes
from apps.ledger.models.anchors import AnchorKind


class AnchorFailed(Exception):
    """The anchor was not had. `code` is stable; `retryable` says whether time alone may help."""

    def __init__(self, code: str, words: str, *, retryable: bool) -> None:
        super().__init__(words)
        self.code, self.retryable = code, retryable


class Contradicted(AnchorFailed):
    """Somebody outside holds a checkpoint, signed by us, that this database does not continue."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code, words, retryable=False)


@dataclass(frozen=True, slots=True)
class Held:
    """`proof` as `ledger_anchor` keeps it; `at` is the time that the outside tells."""

    proof: bytes
    at: datetime


class Outside(Protocol):
    """One place that holds checkpoints."""

    @property
    def kind(self) -> AnchorKind: ...

    @property
    def place(self) -> str:
        """Its name for people and in `ledger_anchor`, at most 200 characters."""

    def hold(self, signed: Signed, hashes: Hashes, *, last: int, now: datetime) -> Held:
        """Have the checkpoint held. `last` is the size that this place held last, or 0.

        Raises `AnchorFailed`; `Contradicted` with proof that this database was put back or forked.
        """
