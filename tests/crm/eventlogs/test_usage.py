"""What apps did, and how much of it was seen."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from apps.common.clock import database_now
from apps.crm.eventlogs.usage import used_by_app
from apps.crm.models import Connection, LogFile, LogRow, LogWatch, SnapshotApp
from tests.cast import Cast
from tests.crm.test_snapshots import take as take_snapshot
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 20, tzinfo=UTC)


def add_file(connection: Connection, event_type: str, start: datetime, hours: int) -> LogFile:
    """A file that was taken, without rows."""
    file: LogFile = LogFile.objects.create(
        connection=connection,
        org_file_id=f"0AT{LogFile.objects.count():012}",
        org_created_at=start,
        event_type=event_type,
        hourly=hours == 1,
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
        sequence=0,
        sha256="ab" * 32,
        size_bytes=1,
        row_count=0,
        taken_at=start,
    )
    return file


def add_row(file: LogFile, at: datetime, **values: object) -> LogRow:
    known = {"app_id": "0H4000000000001", "method": "GET", "entity": "Case", "status": "200"}
    row: LogRow = LogRow.objects.create(
        **{
            "file": file,
            "connection": file.connection,
            "event_type": file.event_type,
            "at": at,
            **known,
            **values,
        }
    )
    return row


def test_without_logs_nothing_is_known(cast: Cast, connection: Connection) -> None:
    with cast.at_acme():
        use = used_by_app(connection, since=DAY, until=DAY + timedelta(days=1))
    assert (use.apps, use.observed, use.is_complete) == ((), (), False)
    assert "No event logs" in use.words


def test_a_covered_day_in_which_every_call_names_its_app_is_complete(
    cast: Cast, connection: Connection
) -> None:
    with cast.at_acme():
        total = add_file(connection, "ApiTotalUsage", DAY, 24)
        rest = add_file(connection, "RestApi", DAY, 24)
        add_row(total, DAY, address="203.0.113.5")
        add_row(total, DAY + timedelta(hours=1), method="PATCH", entity="Account")
        add_row(rest, DAY, rows=40)
        use = used_by_app(connection, since=DAY, until=DAY + timedelta(days=1))
        longer = used_by_app(connection, since=DAY, until=DAY + timedelta(days=2))
    assert use.is_complete and use.attributed_share == 1.0
    app = use.of("0H4000000000001AAA")
    assert app is not None
    assert (app.calls, app.rows) == (2, 40)  # the REST row is the same call, not another
    assert (app.objects, app.verbs) == (("Account", "Case"), ("GET", "PATCH"))
    assert app.addresses == ("203.0.113.5",)
    assert not longer.is_complete and "24 h" in longer.words


def test_calls_that_name_no_app_lower_the_share(cast: Cast, connection: Connection) -> None:
    with cast.at_acme():
        total = add_file(connection, "ApiTotalUsage", DAY, 24)
        add_row(total, DAY)
        add_row(total, DAY, app_id="", app_name="curl")
        use = used_by_app(connection, since=DAY, until=DAY + timedelta(days=1))
    assert use.attributed_share == 0.5
    assert not use.is_complete
    assert [app.rows for app in use.apps] == [None]  # no type that tells rows was there


def test_the_orgs_apps_are_found_by_the_ids_of_the_snapshot(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, take: Callable[[], LogWatch]
) -> None:
    take()
    snapshot = take_snapshot(cast, connection)
    with cast.at_acme():
        now = database_now()
        use = used_by_app(connection, since=now - timedelta(days=2), until=now)
        copilot = SnapshotApp.objects.get(snapshot=snapshot, label="Contract Copilot")
        found = use.of(copilot.org_app_id)
    assert found is not None and found.calls > 0 and found.objects
    assert use.attributed_share is not None and use.attributed_share > 0.9
    assert not use.is_complete  # the last hours are not delivered yet


def test_another_tenant_sees_nothing(cast: Cast, connection: Connection) -> None:
    with cast.at_acme():
        add_row(add_file(connection, "ApiTotalUsage", DAY, 24), DAY)
    with cast.at_globex():
        use = used_by_app(connection, since=DAY, until=DAY + timedelta(days=1))
        assert (use.apps, use.observed) == ((), ())
