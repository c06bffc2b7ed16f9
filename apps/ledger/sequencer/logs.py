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
from apps.ledger.signing import Keys, MayNotSign, may_sign
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


def origin_of(host: str, tenant: bytes) -> str:
    """The name of a tenant's log."""
    return f"{host}/ledger/{uuid.UUID(bytes=tenant)}"


@dataclass(slots=True)
class Logs:
    """The right edges of the logs met last. What is not kept is read again, and checked again."""

    host: str
    keys: Callable[[], Keys]
    kept: int = KEPT
    _edges: OrderedDict[bytes, Frontier] = field(default_factory=OrderedDict)

    def load(
        self, connection: Connection, tenants: Iterable[bytes]
    ) -> tuple[dict[bytes, Frontier], dict[bytes, str]]:
        """The edge of each log, and in words what is wrong with those that have none to trust."""
        found: dict[bytes, Frontier] = {}
        missing: list[bytes] = []
        for tenant in tenants:
            edge = self._edges.get(tenant)
            if edge is None:
                missing.append(tenant)
            else:
                found[tenant] = edge
        wrong = self._read(connection, missing, found) if missing else {}
        return found, wrong

    def keep(self, edges: dict[bytes, Frontier]) -> None:
        """Remember what was committed, and forget what was not met for longest."""
        for tenant, edge in edges.items():
            self._edges[tenant] = edge
            self._edges.move_to_end(tenant)
        while len(self._edges) > self.kept:
            self._edges.popitem(last=False)

    def forget(self) -> None:
        """Read everything anew."""
        self._edges.clear()

    def _read(
        self, connection: Connection, tenants: list[bytes], found: dict[bytes, Frontier]
    ) -> dict[bytes, str]:
        wrong: dict[bytes, str] = {}
        rows = connection.execute(_STATES, [uuids(tenants)], binary=True).fetchall()
        for row in rows:
            _try(row[0], partial(self._checked, row), found, wrong)
        tails = read_tails(connection, found)
        for tenant in tenants:
            if tenant in found:
                _try(tenant, partial(_with_tail, found.pop(tenant), tails[tenant]), found, wrong)
        return wrong

    def _checked(self, row: Sequence[Any]) -> Frontier:
        tenant, size, root, frontier, signed, last = row
        if (size or 0) != (0 if last is None else last + 1):
            raise Damaged(f"{last} is the last position under a checkpoint of {size}")
        edge = Frontier()
        if size:
            edge = _edge(size, frontier)
            self._require_signed(tenant, signed, edge, root)
        may_sign(uuid.UUID(bytes=tenant), edge.size, edge.root(), edge.to_bytes())
        return edge

    def _require_signed(self, tenant: bytes, signed: str, edge: Frontier, root: bytes) -> None:
        name = origin_of(self.host, tenant)
        known = [note.Verifier(name, key.public) for key in self.keys().public_history()]
        try:
            told = note.Checkpoint.parse(note.check(signed, known).text)
        except note.BadNote as wrong:
            raise Damaged(f"the checkpoint of {edge.size}: {wrong}") from wrong
        if (told.origin, told.size, told.root) != (
            name,
            edge.size,
            edge.root(),
        ) or root != told.root:
            raise Damaged(f"the checkpoint of {edge.size} was signed for another tree")


def _try(
    tenant: bytes,
    read: Callable[[], Frontier],
    found: dict[bytes, Frontier],
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


def _with_tail(edge: Frontier, tail: Sequence[bytes]) -> Frontier:
    require_tail(edge, tail)
    return edge


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


def read_tails(connection: Connection, edges: dict[bytes, Frontier]) -> dict[bytes, list[bytes]]:
    """Per log, the leaves since its last full tile."""
    tails: dict[bytes, list[bytes]] = {tenant: [] for tenant in edges}
    wanted = [(tenant, edge.size) for tenant, edge in edges.items() if edge.size % WIDTH]
    if not wanted:
        return tails
    starts = bigints([size - size % WIDTH for _, size in wanted])
    values = [uuids(tenant for tenant, _ in wanted), starts, bigints([size for _, size in wanted])]
    for tenant, leaf in connection.execute(_LEAVES, values, binary=True):
        tails[tenant].append(leaf)
    return tails
