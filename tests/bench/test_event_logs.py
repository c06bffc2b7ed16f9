"""Event logs of millions of rows: a search by each filter, and comparing them with the ledger.

`BAILIWICK_BENCH_LOG_ROWS` says how many rows the searched org has. A superuser writes them, into a
database that is thrown away.
"""

import os
import re
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from apps.common.clock import database_now
from apps.crm.eventlogs.choices import apps_of
from apps.crm.eventlogs.hours import calls_in_files, calls_in_rows
from apps.crm.eventlogs.own import Journal
from apps.crm.eventlogs.search import PAGE, Search, page_of
from apps.crm.models import Connection
from apps.posture.reconcile.comparing import Outcome
from apps.posture.reconcile.matching import match
from tests.bench.report import record
from tests.cast import Cast, make_cast
from tests.crm.eventlogs.test_usage import add_file
from tests.reviews.made_up import make_connection

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(3_600),
]

ROWS = int(os.environ.get("BAILIWICK_BENCH_LOG_ROWS", "1000000"))
DAYS, APPS, ROUNDS = 60, 40, 20
TYPE = "ApiTotalUsage"
_FILL = """
INSERT INTO crm_logrow (id, tenant_id, file_id, connection_id, at, event_type, app_id, app_name,
                        user_id, address, method, resource, entity, status, rows, request_id)
SELECT gen_random_uuid(), %(tenant)s, %(file)s, %(org)s,
       %(since)s::timestamptz + n * (%(span)s::interval / %(rows)s), %(type)s,
       '0H4' || lpad((n %% %(apps)s)::text, 12, '0'), 'App ' || n %% %(apps)s,
       '005' || lpad((n %% 301)::text, 12, '0'), '203.0.' || n %% 7 || '.' || n %% 101,
       'GET', '/v62.0/query', 'Case', '200', NULL, 'req' || n
FROM generate_series(0, %(rows)s - 1) n
"""


def fill(
    stage: Cast,
    admin: psycopg.Connection,
    *,
    host: str,
    rows: int,
    since: datetime,
    days: int,
    apps: int,
) -> Connection:
    """An org with one file of so many rows, evenly over some days and apps."""
    with stage.at_acme():
        org = make_connection(name=host, host=f"{host}.my.salesforce.com")
        file = add_file(org, TYPE, since, days * 24)
        hours = [since + timedelta(hours=number) for number in range(days * 24)]
        file.hour_counts = {f"{hour:%Y-%m-%dT%H}": rows // len(hours) for hour in hours}
        file.save(update_fields=["hour_counts"])
    values = {"tenant": org.tenant_id, "file": file.pk, "org": org.pk, "type": TYPE}
    span = timedelta(days=days)
    admin.execute(_FILL, {**values, "since": since, "span": span, "rows": rows, "apps": apps})
    admin.execute("ANALYZE crm_logrow")
    admin.commit()
    return org


@pytest.fixture
def stage(transactional_db: None) -> Cast:
    return make_cast()


def p50(act: Callable[[], object]) -> float:
    """Milliseconds of a call, the median of some rounds after one that warms what is kept."""
    taken = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        act()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken[1:])


def test_searching_millions_of_rows(stage: Cast, admin_connection: psycopg.Connection) -> None:
    now = database_now()
    since = now - timedelta(days=DAYS)
    fill(stage, admin_connection, host="other", rows=1_000, since=since, days=DAYS, apps=APPS)
    org = fill(stage, admin_connection, host="long", rows=ROWS, since=since, days=DAYS, apps=APPS)
    month = Search(period="", since=now - timedelta(days=31), until=now)
    filters: dict[str, dict[str, Any]] = {
        "everything": {},
        "an app": {"app": "0H4000000000007"},
        "a user": {"user": "005000000000007"},
        "an address": {"address": "203.0.3.44"},
        "a type": {"kind": TYPE},
        "a request": {"request": f"req{ROWS - 77}"},
        "an app that did nothing": {"app": "0H4999999999999"},
    }
    slowest = 0.0
    with stage.at_acme():
        for words, chosen in filters.items():
            rows = replace(month, **chosen).rows(org)
            plan = rows.order_by("-at", "-id")[: PAGE + 1].explain()
            assert "Seq Scan on crm_logrow" not in plan, f"{words}\n{plan}"
            slowest = max(slowest, p50(partial(page_of, rows)))
        assert re.search(r"log_rows_by_app", replace(month, app="x").rows(org).explain())
        apps = p50(lambda: apps_of(org, since=month.since, until=now))
        files = p50(partial(calls_in_files, org, [TYPE], since=month.since, until=now))
        counted = replace(month, app="0H4000000000007", kind=TYPE).rows(org)
        chart = p50(partial(calls_in_rows, counted))
    of = f"of {ROWS // 1_000_000} million rows"
    record("crm", f"event log search {of}, slowest filter p50", slowest, "ms")
    record("crm", f"event log search {of}, list of apps p50", apps, "ms")
    record("crm", f"event log search {of}, chart of 31 days p50", files, "ms")
    record("crm", f"event log search {of}, chart of one app p50", chart, "ms")


def compare(
    stage: Cast, admin: psycopg.Connection, *, rows: int, apps: int
) -> tuple[Outcome, float, float]:
    """Compare a week of rows, those of the first app the console's; MiB at the peak, seconds."""
    today = database_now().replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=7)
    org = fill(stage, admin, host=f"org{rows}", rows=rows, since=since, days=7, apps=apps)
    with stage.at_acme():
        step = timedelta(days=7) / rows
        ours = list(range(0, rows, apps))
        for first in range(0, len(ours), 400):
            part = ours[first : first + 400]
            begun, ended = since + part[0] * step, since + part[-1] * step
            requests = [f"req{number}" for number in part]
            journal = Journal(tenant_id=stage.acme.pk, connection_id=org.pk)
            journal.close(requests, began_at=begun, now=ended)
        tracemalloc.start()
        began = time.perf_counter()
        outcome = match(
            org, (TYPE,), since=since, until=today, whole=[(since, today)], recording_since=since
        )
        seconds = time.perf_counter() - began
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
    assert (outcome.unrecorded_count, outcome.unseen_count) == (0, 0)
    assert outcome.matched == len(ours)
    return outcome, peak, seconds


def test_comparing_a_million_rows_with_the_ledger(
    stage: Cast, admin_connection: psycopg.Connection
) -> None:
    _, few, _ = compare(stage, admin_connection, rows=100_000, apps=1)
    _, many, seconds = compare(stage, admin_connection, rows=1_000_000, apps=10)
    assert many < 1.5 * few, "memory grows with the rows of other apps"
    record("posture", "logs compared, 1 million rows, a tenth ours: peak memory", many, "MiB")
    record("posture", "logs compared, 100,000 rows, all ours: peak memory", few, "MiB")
    record("posture", "logs compared, 1 million rows, a tenth ours", seconds, "s (traced)")
