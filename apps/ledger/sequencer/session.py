"""One leadership: from taking the lock to losing the connection.

The lock belongs to the connection that also writes, so whoever has lost it cannot write any more.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import psycopg

from apps.ledger.sequencer.growing import Grower, Growth, fills_a_tile
from apps.ledger.sequencer.logs import Damaged, Logs, read_tails
from apps.ledger.sequencer.ordering import Order
from apps.ledger.sequencer.scanning import Row, Scan, scan
from apps.ledger.sequencer.wire import Connection
from apps.ledger.sequencer.writing import read_roots, write_batch, write_growth
from apps.ledger.signing import Keys, MayNotSign

logger = logging.getLogger(__name__)

LIMIT = 20_000  # events in one transaction
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('ledger sequencer', 0))"
_LAST = "SELECT id, low, hwm FROM ledger_batch ORDER BY id DESC LIMIT 1"


@dataclass(slots=True)
class Session:
    """Sequences and signs for as long as its connection lives.

    `report` is told of a log that is set aside: its tenant, and in words what does not fit. `aside`
    holds those logs, each with the first number that waits; `batch` is the last one's number.
    """

    connection: Connection
    host: str
    keys: Callable[[], Keys]
    now: Callable[[], datetime]
    report: Callable[[uuid.UUID, str], None]
    limit: int = LIMIT
    order: Order = field(default_factory=Order)
    aside: dict[bytes, int] = field(default_factory=dict)
    is_leading: bool = False
    batch: int = 0
    _logs: Logs = field(init=False)

    def __post_init__(self) -> None:
        self._logs = Logs(self.host, self.keys)

    def lead(self) -> bool:
        """Become the one that sequences, unless another is; go on where the last one stopped."""
        row = self.connection.execute(_LOCK).fetchone()
        self.connection.commit()  # the lock is the connection's, not the transaction's
        self.is_leading = bool(row and row[0])
        if self.is_leading:
            self.start()
        return self.is_leading

    def start(self) -> None:
        """Read where to go on, and trust nothing that was remembered."""
        row = self.connection.execute(_LAST).fetchone()
        self.connection.commit()
        self.batch, low, hwm = row or (0, 0, 0)
        self.order = Order.after(low, hwm)
        self.aside.clear()
        self._logs.forget()

    def step(self) -> tuple[int, bool]:
        """Sequence what is visible; how many events, and whether more may be waiting.

        Raises `psycopg.OperationalError` when the database is gone, and whatever a key raises;
        nothing of the step remains then.
        """
        try:
            return self._step(write_growth)
        except (psycopg.IntegrityError, psycopg.DataError):
            self.connection.rollback()
            self._logs.forget()
            return self._step(self._write_each)
        finally:
            self.connection.rollback()

    def _step(
        self, write: Callable[[Connection, Sequence[Growth], int], Sequence[Growth] | None]
    ) -> tuple[int, bool]:
        found = scan(self.connection, self.order, limit=self.limit, skip=self.aside)
        if not found.rows:
            self.order = found.order
            return 0, False
        growths, wrong = self._grow(found)
        if growths:
            written = write(self.connection, growths, self.batch + 1)
            growths = growths if written is None else list(written)
        return self._commit(found, growths, wrong)

    def _grow(self, found: Scan) -> tuple[list[Growth], dict[bytes, str]]:
        by_tenant: dict[bytes, list[Row]] = defaultdict(list)
        for row in found.rows:
            by_tenant[row[1]].append(row)
        logs, wrong = self._logs.load(self.connection, by_tenant)
        filling = {
            tenant: log for tenant, log in logs.items() if fills_a_tile(log, len(by_tenant[tenant]))
        }
        tails = read_tails(self.connection, filling) if filling else {}
        grower = self._grower()
        growths: list[Growth] = []
        for tenant, log in logs.items():
            try:
                growths.append(grower.grow(tenant, log, by_tenant[tenant], tails.get(tenant)))
            except (Damaged, MayNotSign) as why:
                wrong[tenant] = str(why)
        return growths, wrong

    def _grower(self) -> Grower:
        keys = self.keys().active(self.now())
        return Grower(keys, partial(read_roots, self.connection))

    def _write_each(
        self, connection: Connection, growths: Sequence[Growth], batch: int
    ) -> list[Growth]:
        """Log by log, so that one that the database refuses does not keep the others."""
        written: list[Growth] = []
        for growth in growths:
            try:
                with connection.transaction():
                    write_growth(connection, [growth], batch)
                written.append(growth)
            except (psycopg.IntegrityError, psycopg.DataError):
                logger.exception(
                    "the database refused the growth of %s", uuid.UUID(bytes=growth.tenant)
                )
        return written

    def _commit(
        self, found: Scan, growths: Sequence[Growth], wrong: dict[bytes, str]
    ) -> tuple[int, bool]:
        done = {growth.tenant for growth in growths}
        aside = dict(self.aside)
        for eid, tenant, *_ in found.rows:
            if tenant not in done:
                aside.setdefault(tenant, eid)
        events = sum(len(growth.rows) for growth in growths)
        write_batch(
            self.connection,
            self.batch + 1,
            low=min([found.order.low, *(eid - 1 for eid in aside.values())]),
            hwm=found.order.hwm,
            own_xid=found.own_xid,
            events=events,
        )
        self.connection.commit()
        self.batch += 1
        new = aside.keys() - self.aside.keys()
        self.order, self.aside = found.order, aside
        self._logs.keep({growth.tenant: growth.log for growth in growths})
        for tenant in new:
            words = wrong.get(tenant, "the database refused its positions or its checkpoint")
            self.report(uuid.UUID(bytes=tenant), words)
        return events, found.is_full

    def mended(self) -> list[uuid.UUID]:
        """Which of the logs set aside can be gone on with again; then `start` anew."""
        _, wrong = self._logs.load(self.connection, self.aside)
        self.connection.rollback()
        return [uuid.UUID(bytes=tenant) for tenant in self.aside.keys() - wrong.keys()]
