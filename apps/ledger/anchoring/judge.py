"""What the sequencer asks before it goes on with a log, and before each signature."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg
from django.conf import settings

from apps.ledger.anchoring.guard import Guard, SigningRefused
from apps.ledger.anchoring.heads import Head
from apps.ledger.anchoring.remembered import AnchorFile
from apps.ledger.anchoring.trees import Connection, tenant_hashes
from apps.ledger.merkle import Hashes
from apps.ledger.signing import MayNotSign

KEPT = 100_000  # logs whose last approved state is kept, some 300 bytes each


@dataclass
class Judge:
    """Callable as `signing.Judge`.

    A log is proved against its last anchor when this process meets it, and whenever it is not
    longer than before; growth of what was approved is let pass at once, since the sequencer adds
    to the edge that was asked about. Every new leaf of the log of logs is proved again in full.
    Errors of the database go through: they are retried, not a verdict.
    """

    guard: Guard
    connect: Callable[[], Connection]
    _approved: OrderedDict[UUID, Head] = field(default_factory=OrderedDict)
    _reading: Connection | None = None

    def __call__(self, tenant: UUID, size: int, root: bytes, frontier: bytes) -> None:
        try:
            anchored = self.guard.anchored(str(tenant))
            if anchored is not None and not self._continues(tenant, Head(size, root)):
                self._prove(tenant, Head(size, root))
        except SigningRefused as refused:
            self._approved.pop(tenant, None)
            raise MayNotSign(refused.words) from refused
        self._approved[tenant] = Head(size, root)
        self._approved.move_to_end(tenant)
        if len(self._approved) > KEPT:
            self._approved.popitem(last=False)

    def _continues(self, tenant: UUID, head: Head) -> bool:
        approved = self._approved.get(tenant)
        return approved is not None and (approved == head or approved.size < head.size)

    def _prove(self, tenant: UUID, head: Head) -> None:
        self.guard.require(str(tenant), head, lambda: self._hashes(tenant, head.size))

    def _hashes(self, tenant: UUID, size: int) -> Hashes:
        if self._reading is None or self._reading.closed:
            self._reading = self.connect()
        return tenant_hashes(self._reading, tenant, size)


def connect_to(url: str) -> Callable[[], Connection]:
    """Open connections of the sequencer's login that read and write in no transaction of theirs."""
    return lambda: psycopg.connect(url, autocommit=True, connect_timeout=10)


def anchor_file() -> AnchorFile:
    """Where the settings have it remembered what was anchored last."""
    return AnchorFile(Path(settings.LEDGER_ANCHOR_FILE))


def judge_by_settings() -> Judge:
    """The judge of this installation's sequencer."""
    return Judge(Guard(anchor_file()), connect_to(settings.DATABASE_SEQUENCER_URL))
