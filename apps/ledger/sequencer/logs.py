"""Where each tenant's log stands: what the database holds, checked before anything is added."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from apps.ledger import note
from apps.ledger.merkle import Frontier
from apps.ledger.sequencer.wire import Connection, bigints, uuids
from apps.ledger.signing import Keys, MayNotSign, NoteKey, may_sign
from apps.ledger.tiles import HEIGHT, WIDTH

KEPT = 20_000  # logs in memory, about a kilobyte each
_STATES = """
    SELECT log.id, c.size, c.root, c.frontier, c.note, l.seq
    FROM unnest(%s::uuid[]) AS log (id)
    LEFT JOIN LATERAL (SELECT size, root, frontier, note FROM ledger_checkpoint
        WHERE tenant_id = log.id ORDER BY size DESC LIMIT 1) c ON true
    LEFT JOIN LATERAL (SELECT seq FROM ledger_leaf
        WHERE tenant_id = log.id ORDER BY seq DESC LIMIT 1) l ON true
"""
_LEAVES = """
    SELECT l.tenant_id, l.leaf
    FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS log (id, start, stop)
    JOIN ledger_leaf l ON l.tenant_id = log.id AND l.seq >= log.start AND l.seq < log.stop
    ORDER BY l.tenant_id, l.seq
"""


class Damaged(RuntimeError):
    """A log that cannot be gone on with; the words say what does not fit."""


@dataclass(slots=True)
class Log:
    """A log's right edge, its name in the world, and who signed under that name last."""

    tenant_id: uuid.UUID
    name: str
    edge: Frontier
    signer: note.Signer | None = None

    def signed_by(self, keys: Sequence[NoteKey]) -> note.Signer:
        """The signer of these keys under the log's name."""
        if self.signer is None or self.signer.keys != keys:
            self.signer = note.Signer(self.name, keys)
        return self.signer


@dataclass(slots=True)
class Logs:
    """The logs met last. What is not kept is read again, and checked again."""

    host: str
    keys: Callable[[], Keys]
    kept: int = KEPT
    _logs: OrderedDict[bytes, Log] = field(default_factory=OrderedDict)

    def load(
        self, connection: Connection, tenants: Iterable[bytes]
    ) -> tuple[dict[bytes, Log], dict[bytes, str]]:
        """Each log, and in words what is wrong with those that cannot be trusted."""
        found: dict[bytes, Log] = {}
        missing: list[bytes] = []
        for tenant in tenants:
            known = self._logs.get(tenant)
            if known is None:
                missing.append(tenant)
            else:
                found[tenant] = known
        wrong = self._read(connection, missing, found) if missing else {}
        return found, wrong

    def keep(self, logs: dict[bytes, Log]) -> None:
        """Remember what was committed, and forget what was not met for longest."""
        for tenant, log in logs.items():
            self._logs[tenant] = log
            self._logs.move_to_end(tenant)
        while len(self._logs) > self.kept:
            self._logs.popitem(last=False)

    def forget(self) -> None:
        """Read everything anew."""
        self._logs.clear()

    def _read(
        self, connection: Connection, tenants: list[bytes], found: dict[bytes, Log]
    ) -> dict[bytes, str]:
        wrong: dict[bytes, str] = {}
        rows = connection.execute(_STATES, [uuids(tenants)], binary=True).fetchall()
        for row in rows:
            _try(row[0], partial(self._checked, row), found, wrong)
        fresh = [tenant for tenant in tenants if tenant in found]
        tails = read_tails(connection, {tenant: found[tenant] for tenant in fresh})
        for tenant in fresh:
            _try(tenant, partial(_with_tail, found.pop(tenant), tails[tenant]), found, wrong)
        return wrong

    def _checked(self, row: Sequence[Any]) -> Log:
        tenant, size, root, frontier, signed, last = row
        if (size or 0) != (0 if last is None else last + 1):
            raise Damaged(f"{last} is the last position under a checkpoint of {size}")
        tenant_id = uuid.UUID(bytes=tenant)
        edge = _edge(size, frontier) if size else Frontier()
        log = Log(tenant_id, f"{self.host}/ledger/{tenant_id}", edge)
        if size:
            self._require_signed(log, signed, root)
        may_sign(tenant_id, edge.size, edge.root(), edge.to_bytes())
        return log

    def _require_signed(self, log: Log, signed: str, root: bytes) -> None:
        size = log.edge.size
        known = [note.Verifier(log.name, key.public) for key in self.keys().public_history()]
        try:
            told = note.Checkpoint.parse(note.check(signed, known).text)
        except note.BadNote as wrong:
            raise Damaged(f"the checkpoint of {size}: {wrong}") from wrong
        if told != note.Checkpoint(log.name, size, log.edge.root()) or root != told.root:
            raise Damaged(f"the checkpoint of {size} was signed for another tree")


def _try(
    tenant: bytes,
    read: Callable[[], Log],
    found: dict[bytes, Log],
    wrong: dict[bytes, str],
) -> None:
    try:
        found[tenant] = read()
    except (Damaged, MayNotSign) as why:
        wrong[tenant] = str(why)


def _edge(size: int, frontier: bytes) -> Frontier:
    try:
        return Frontier.from_bytes(size, frontier)
    except ValueError as wrong:
        raise Damaged(str(wrong)) from wrong


def _with_tail(log: Log, tail: Sequence[bytes]) -> Log:
    require_tail(log.edge, tail)
    return log


def require_tail(edge: Frontier, tail: Sequence[bytes], *, level: int = 0) -> None:
    """The hashes since the last full tile of that level are those that were signed.

    Raises `Damaged`.
    """
    again = Frontier()
    again.append_many(tail)
    base = HEIGHT * level
    signed = {at - base: each for at, each in edge.edge.items() if base <= at < base + HEIGHT}
    if again.edge != signed:
        size = edge.size >> base
        what = "leaves" if level == 0 else f"tiles of level {level - 1}"
        raise Damaged(f"{what} {size - size % WIDTH} to {size - 1} are not what was signed")


def read_tails(connection: Connection, logs: dict[bytes, Log]) -> dict[bytes, list[bytes]]:
    """Per log, the leaves since its last full tile."""
    tails: dict[bytes, list[bytes]] = {tenant: [] for tenant in logs}
    wanted = [(tenant, log.edge.size) for tenant, log in logs.items() if log.edge.size % WIDTH]
    if not wanted:
        return tails
    starts = bigints([size - size % WIDTH for _, size in wanted])
    values = [uuids(tenant for tenant, _ in wanted), starts, bigints([size for _, size in wanted])]
    for tenant, leaf in connection.execute(_LEAVES, values, binary=True):
        tails[tenant].append(leaf)
    return tails
