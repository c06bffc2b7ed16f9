"""Reading a long ledger: a page by each filter, the first and a deep one, must not grow with it.

`BAILIWICK_BENCH_EVENTS` says how many events one tenant has; a million unless told otherwise. A
superuser writes them past the ledger's one way in, into a database that is thrown away.
"""

import os
import re
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.db.models import QuerySet

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import selectors
from apps.ledger.keyset import page_of
from apps.ledger.models import Event
from apps.ledger.search import Search
from tests.bench.report import record
from tests.ledger.test_sequencer import new_tenant

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(3_600),  # ten million take minutes to write
]

EVENTS = int(os.environ.get("BAILIWICK_BENCH_EVENTS", "1000000"))
MONTHS, ROUNDS, BATCH = 12, 60, 500_000
SLACK_MS = 15.0  # what a busy machine adds to a page of some milliseconds
PEOPLE, THINGS, REQUESTS = 400, 50_000, 10

_PARTITIONS = """
SELECT ledger_make_partition(share, (date_trunc('month', now()) - ago * interval '1 month')::date)
FROM generate_series(0, 3) share, generate_series(0, %s) ago
"""
_FILL = """
INSERT INTO ledger_event (id, tenant_id, action, actor, target_type, target_id, at, recorded_at,
                          request_id, body, leaf, xid, eid)
SELECT gen_random_uuid(), %(tenant)s,
       'bench.act.number' || n %% 97,
       'user:' || md5((n %% %(people)s)::text)::uuid,
       'bench.thing' || n %% 13,
       md5((n %% %(things)s)::text)::uuid::text,
       moment, moment,
       md5((n / %(requests)s)::text)::uuid,
       convert_to(format('{"data":{"attempt":%%s,"filler":"%%s"},"v":1}', n, repeat('x', 200)),
                  'UTF8'),
       '', pg_current_xact_id(), nextval('ledger_event_eid')
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n,
     LATERAL (SELECT now() - (%(all)s - n) * (interval '330 days' / %(all)s) AS moment) t
"""


@pytest.fixture
def tenant_id(admin_connection: psycopg.Connection) -> uuid.UUID:
    """A tenant whose ledger a superuser may fill with rows of any shape."""
    tenant = new_tenant()
    admin_connection.execute(_PARTITIONS, [MONTHS])
    admin_connection.commit()
    return tenant.pk


def _fill(admin: psycopg.Connection, tenant_id: uuid.UUID, first: int, last: int) -> None:
    for start in range(first, last + 1, BATCH):
        told = {"tenant": tenant_id, "first": start, "last": min(start + BATCH - 1, last)}
        sizes = {"all": EVENTS, "people": PEOPLE, "things": THINGS, "requests": REQUESTS}
        admin.execute(_FILL, {**told, **sizes})
        admin.commit()
    admin.execute("ANALYZE ledger_event")
    admin.commit()


def _lists() -> dict[str, Callable[[], QuerySet[Event]]]:
    """One list by each filter that people have, of things that exist in either size."""
    now = database_now()
    some = Event.objects.order_by("at", "id")[EVENTS // 50]
    month = (now - timedelta(days=305)).date().isoformat()
    searches = {
        "everything": Search(),
        "a person": Search(actor=some.actor),
        "an act": Search(action=some.action),
        "a thing": Search(target=some.target_id),
        "a request": Search(request=str(some.request_id)),
        "days long ago": Search(until=month),
        "a person's acts of one kind": Search(actor=some.actor, action=some.action),
        "a kind of thing": Search(kind=some.target_type),
    }
    return {name: lambda one=one: one.events(now=now) for name, one in searches.items()}  # type: ignore[misc]


def _p95_ms(act: Callable[[], object]) -> float:
    act()
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(took, n=20)[18]


def _deep_cursor(depth: int) -> str:
    """The cursor of a page in the middle of everything, as a person's hundredth click gives it."""
    row = Event.objects.order_by("-at", "-id")[depth]
    return page_of(Event.objects.filter(at__lte=row.at).order_by("-at", "-id")).older


def _measure(tenant_id: uuid.UUID, events: int) -> dict[str, float]:
    with scoped(tenant_id=tenant_id):
        found = {name: _p95_ms(lambda a=a: page_of(a())) for name, a in _lists().items()}  # type: ignore[misc]
        deep = _deep_cursor(events // 2)
        rows = Event.objects.order_by("-at", "-id")
        found["a deep page"] = _p95_ms(lambda: page_of(rows, before=deep))
        found["back from a deep page"] = _p95_ms(lambda: page_of(rows, after=deep))
        found["who acted at all"] = _p95_ms(selectors.list_actors)
        assert len(selectors.list_actors()) == min(PEOPLE, selectors.MOST_ACTORS)
    return found


def _no_scan_of_everything(tenant_id: uuid.UUID) -> None:
    """Every list reads an index; only months that hold next to nothing are scanned."""
    with scoped(tenant_id=tenant_id):
        for name, rows in _lists().items():
            plan = rows()[:51].explain()
            whole = [
                int(rows) for rows in re.findall(r"Seq Scan on ledger_event.* rows=(\d+)", plan)
            ]
            assert "Index" in plan and max(whole, default=0) < BATCH // 100, f"{name}\n{plan}"


def test_a_page_of_a_long_ledger(
    admin_connection: psycopg.Connection, tenant_id: uuid.UUID
) -> None:
    """A tenth of the events first, then all: the 95th percentile of each page stays."""
    _fill(admin_connection, tenant_id, 1, EVENTS // 10)
    few = _measure(tenant_id, EVENTS // 10)
    _fill(admin_connection, tenant_id, EVENTS // 10 + 1, EVENTS)
    many = _measure(tenant_id, EVENTS)
    _no_scan_of_everything(tenant_id)
    for name, took in many.items():
        peer = f"the same with {EVENTS // 10:,} events"
        label = f"page p95 by {name}, {EVENTS:,} events"
        record("ledger", label, took, "ms", peer=peer, ratio=took / few[name])
    grown = {
        name: (few[name], many[name]) for name in many if many[name] > 3 * few[name] + SLACK_MS
    }
    assert not grown, grown
