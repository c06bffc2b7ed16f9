"""Read what has been committed and has no position yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from apps.ledger.sequencer.ordering import Hole, Order, Snapshot, joined
from apps.ledger.sequencer.wire import Connection, bigints, uuids

NEAR = 256  # numbers that are quicker to read past than to look up anew

Row = tuple[int, bytes, bytes, bytes]
"""One event: its number, its tenant, its id, its leaf."""

_COLUMNS = "e.eid, e.tenant_id, e.id, e.leaf"
_NEW = f"""
    SELECT {_COLUMNS} FROM ledger_event e
    WHERE e.eid > %s AND e.tenant_id <> ALL (%s::uuid[]) ORDER BY e.eid LIMIT %s
"""  # noqa: S608  constants of this file
_UNPLACED = "NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.eid = e.eid)"
# OFFSET keeps the planner from reading every event first and looking for its hole afterwards.
_LATE = f"""
    SELECT {_COLUMNS}
    FROM unnest(%s::bigint[], %s::bigint[]) AS hole (first, last)
    CROSS JOIN LATERAL (
        SELECT e.eid, e.tenant_id, e.id, e.leaf FROM ledger_event e
        WHERE e.eid BETWEEN hole.first AND hole.last AND e.xid = ANY (%s::xid8[])
            AND {_UNPLACED} AND e.tenant_id <> ALL (%s::uuid[]) OFFSET 0
    ) e
    ORDER BY e.eid LIMIT %s
"""  # noqa: S608
_LEFT = f"""
    SELECT {_COLUMNS} FROM ledger_event e
    WHERE e.eid > %s AND e.eid <= %s AND {_UNPLACED} AND e.tenant_id <> ALL (%s::uuid[])
    ORDER BY e.eid LIMIT %s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Scan:
    """Rows in the order of their positions, and what is known once they have them."""

    rows: list[Row]
    order: Order
    own_xid: int
    is_full: bool


def scan(connection: Connection, order: Order, *, limit: int, skip: Collection[bytes]) -> Scan:
    """Read up to `limit` events in the open snapshot, leaving out the tenants in `skip`."""
    snapshot = _snapshot(connection)
    ended = order.ended(snapshot)
    aside = uuids(skip)
    late: list[Row] = []
    if order.recovering:
        late = _fetch(connection, _LEFT, [order.low, order.hwm, aside, limit])
    elif holes := order.holes_for(ended) if ended else []:
        late = _late(connection, holes, list(map(str, ended)), [aside, limit])
    if len(late) == limit:  # the rest first: what is new must not stand before it
        return Scan(late, _same(order, late), _own_xid(connection), True)
    new = _fetch(connection, _NEW, [order.hwm, aside, limit - len(late)])
    own = _own_xid(connection) if new or late or order.recovering else 0
    known = order.advanced(
        snapshot,
        own=own,
        late=[row[0] for row in late],
        new=[row[0] for row in new],
        ended=ended,
    )
    return Scan(late + new, known, own, len(late) + len(new) == limit)


def _same(order: Order, late: list[Row]) -> Order:
    """Nothing further is known but that these have turned up."""
    holes = order.without([row[0] for row in late])
    return Order(order.hwm, holes, order.running, order.recovering)


def _late(
    connection: Connection, holes: list[Hole], xids: list[str], rest: list[object]
) -> list[Row]:
    near = joined(holes, within=NEAR)
    first, last = [hole.first for hole in near], [hole.last for hole in near]
    return _fetch(connection, _LATE, [bigints(first), bigints(last), xids, *rest])


def _fetch(connection: Connection, query: str, values: list[object]) -> list[Row]:
    return connection.execute(query, values, binary=True).fetchall()


def _snapshot(connection: Connection) -> Snapshot:
    row = connection.execute("SELECT pg_current_snapshot()::text").fetchone()
    return Snapshot.parse(row[0] if row else "")


def _own_xid(connection: Connection) -> int:
    row = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    return int(row[0]) if row else 0
