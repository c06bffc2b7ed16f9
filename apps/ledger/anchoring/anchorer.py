"""One step of anchoring: grow the log of logs, have it held outside, remember it here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from apps.ledger.anchoring import records, rootlog
from apps.ledger.anchoring.guard import Guard, SigningRefused
from apps.ledger.anchoring.heads import ROOT_LOG
from apps.ledger.anchoring.outside import AnchorFailed, Contradicted, Outside
from apps.ledger.anchoring.patience import AT_ONCE, Patience
from apps.ledger.anchoring.remembered import AnchorFile
from apps.ledger.anchoring.trees import Connection
from apps.ledger.durable import write_durably
from apps.ledger.note import Verifier
from apps.ledger.signing import Keys

log = logging.getLogger(__name__)


@dataclass
class Anchorer:
    """One per process. `interval` is how often the log of logs grows."""

    origin: str
    keys: Callable[[], Keys]
    file: AnchorFile
    outsides: Sequence[Outside]
    interval: timedelta
    keys_file: Path | None = None
    _patience: dict[str, Patience] = field(default_factory=dict)
    _next: datetime = AT_ONCE
    _told: dict[str, str] = field(default_factory=dict)
    _sound: bool = True

    def __post_init__(self) -> None:
        self._guard = Guard(self.file)

    def step(self, connection: Connection, now: datetime) -> None:
        """Do what is due: grow and sign once per interval, and anchor wherever it is time."""
        if now >= self._next:
            self._next = now + self.interval
            self._publish_keys(now)
            self._sound = self._grow(connection, now)
        signed = rootlog.latest(connection)
        if signed is None or not self._sound:
            return
        for outside in self.outsides:
            if self._is_due(connection, outside, signed.size, now):
                self._hold(connection, outside, signed, now)

    def _grow(self, connection: Connection, now: datetime) -> bool:
        """Whether the log of logs continues what was anchored."""
        try:
            grown = rootlog.extend(
                connection,
                origin=self.origin,
                keys=lambda at: self.keys().active(at),
                guard=self._guard,
                now=now,
            )
        except SigningRefused as refused:
            self._refuse(connection, refused)
            return False
        for each in grown.refused:
            self._refuse(connection, each)
        signed = rootlog.latest(connection)
        if signed and not self.file.read().heads:  # the file is new, the log of logs is not
            self.file.remember({**rootlog.tenant_heads(connection), ROOT_LOG: signed.head})
        self.file.remember(grown.heads)
        return True

    def _refuse(self, connection: Connection, refused: SigningRefused) -> None:
        """Halt the log and say so, once per reason."""
        if refused.code in {"shrunk", "forked"}:
            self.file.halt(refused.log, refused.found)
        if self._told.get(refused.log) == refused.words:
            return
        self._told[refused.log] = refused.words
        log.error("anchoring refused: %s", refused.words)
        records.keep_problem(
            connection,
            log=refused.log,
            size=0,
            kind="refused",
            place="",
            code=refused.code,
            words=refused.words,
            retryable=False,
        )

    def _is_due(self, connection: Connection, outside: Outside, size: int, now: datetime) -> bool:
        patience = self._patience.setdefault(outside.place, Patience())
        if now < patience.not_before:
            return False
        return records.last_held(connection, outside.kind, outside.place) < size

    def _hold(
        self, connection: Connection, outside: Outside, signed: rootlog.Signed, now: datetime
    ) -> None:
        patience = self._patience[outside.place]
        last = records.last_held(connection, outside.kind, outside.place)
        try:
            held = outside.hold(signed, rootlog.hashes(connection), last=last, now=now)
        except AnchorFailed as failed:
            patience.failed(now, retryable=failed.retryable)
            if isinstance(failed, Contradicted):
                self.file.halt(ROOT_LOG, str(failed))
            return self._note_failure(connection, outside, signed.size, failed)
        patience.worked()
        return records.keep_anchor(connection, signed.size, outside.kind, outside.place, held)

    def _note_failure(
        self, connection: Connection, outside: Outside, size: int, failed: AnchorFailed
    ) -> None:
        log.warning("no anchor at %s: %s", outside.place, failed)
        records.keep_problem(
            connection,
            log=ROOT_LOG,
            size=size,
            kind=outside.kind.value,
            place=outside.place,
            code=failed.code,
            words=str(failed),
            retryable=failed.retryable,
        )

    def _publish_keys(self, now: datetime) -> None:
        """Write the verifier keys of the log of logs, for a witness on this machine."""
        if self.keys_file is None:
            return
        keys = self.keys()
        keys.active(now)  # the first key ever is made at first need
        text = "".join(f"{each}\n" for each in verifiers(self.origin, keys))
        if not self.keys_file.exists() or self.keys_file.read_text(encoding="utf-8") != text:
            self.keys_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self.keys_file, text.encode(), mode=0o644)


def verifiers(origin: str, keys: Keys) -> list[Verifier]:
    """The keys of a log, past ones included, as those know them who check its notes."""
    return [Verifier(origin, key.public) for key in keys.public_history()]
