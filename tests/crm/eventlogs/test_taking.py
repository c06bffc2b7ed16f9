"""Event log files: each delivery taken once, kept sealed, and counted once."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, NotFound
from apps.crm.eventlogs import taking
from apps.crm.eventlogs.packed import bytes_of
from apps.crm.models import Connection, LogFile, LogPiece, LogRow, LogWatch
from apps.crm.session import open_org
from apps.ledger import selectors as ledger
from tests.cast import Cast
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
Take = Callable[[], LogWatch]


def test_files_are_taken_once_with_their_rows_and_hashes(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, take: Take
) -> None:
    watch = take()
    assert (watch.state, watch.error) == ("current", "")
    assert watch.files_done == watch.files_due > 20
    again = take()
    assert (again.state, again.files_due) == ("current", 0)
    with cast.at_acme():
        file = LogFile.objects.filter(superseded_at=None).order_by("starts_at")[0]
        rows = LogRow.objects.filter(file=file)
        assert rows.count() == file.row_count > 0
        content = b"".join(bytes_of(p.content for p in file.pieces.order_by("number")))
        assert hashlib.sha256(content).hexdigest() == file.sha256
        [event] = ledger.list_path_of(file)
        assert event.action == "crm.event_log.taken"
        assert ledger.data_of(event)["sha256"] == file.sha256


def test_names_of_people_are_sealed(cast: Cast, connection: Connection, take: Take) -> None:
    take()
    with cast.at_acme():
        piece = LogPiece.objects.first()
        assert piece is not None
        stored = piece.__dict__["content"].data
        assert stored[16:] != piece.content and len(stored) > len(piece.content)
        assert not LogRow.objects.filter(app_name__contains="@").exists()


def test_a_file_delivered_again_replaces_the_rows_and_keeps_both_hashes(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, take: Take
) -> None:
    take()
    with cast.at_acme():
        days = LogFile.objects.filter(event_type="RestApi", hourly=False)
        first = days.order_by("starts_at")[0]
        before = LogRow.objects.count()
    sandbox.admin("POST", "event_logs", json={"again": first.org_file_id})
    take()
    with cast.at_acme():
        old, new = LogFile.objects.filter(org_file_id=first.org_file_id).order_by("org_created_at")
        assert old.superseded_at is not None and new.superseded_at is None
        assert len(old.sha256) == len(new.sha256) == 64
        assert not LogRow.objects.filter(file=old).exists()
        assert LogRow.objects.count() == before  # the same rows, not twice
        [event] = ledger.list_path_of(new)
        assert ledger.data_of(event)["replaces"] == [str(old.pk)]


def test_a_second_file_of_the_same_hour_is_not_counted_twice(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, take: Take
) -> None:
    sandbox.admin("POST", "event_logs", json={"hours": 0})
    sandbox.admin("POST", "event_logs", json={"hours": 0})
    take()
    with cast.at_acme():
        hour = database_now().replace(minute=0, second=0, microsecond=0)
        files = LogFile.objects.filter(starts_at=hour, event_type="ApiTotalUsage", hourly=True)
        assert len(files) == 2
        assert len([file for file in files if file.superseded_at is None]) == 1
        ids = list(LogRow.objects.filter(at__gte=hour).values_list("event_type", "request_id"))
        assert len(ids) == len(set(ids)) > 0


def test_a_day_replaces_its_hours(cast: Cast, connection: Connection, take: Take) -> None:
    take()
    with cast.at_acme():
        for day in LogFile.objects.filter(hourly=False, superseded_at=None):
            inside = LogFile.objects.filter(
                hourly=True,
                event_type=day.event_type,
                starts_at__gte=day.starts_at,
                ends_at__lte=day.ends_at,
            )
            assert all(hour.superseded_at for hour in inside)
            assert not LogRow.objects.filter(file__in=inside).exists()


def test_a_missing_permission_is_unknown_in_words_and_told_once(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, take: Take
) -> None:
    sandbox.fault("insufficient_access", when="always", path="/query")
    take()
    watch = take()
    assert watch.state == "refused"
    assert "View Event Log Files" in watch.error
    with cast.at_acme():
        assert not LogFile.objects.exists()
        actions = [event.action for event in ledger.list_path_of(watch)]
    assert actions == ["crm.event_log.missed"]


def test_a_file_lost_on_the_way_leaves_the_rest_for_the_next_look(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, take: Take
) -> None:
    sandbox.fault("server_unavailable", when="always", path="/sobjects/EventLogFile")
    watch = take()
    assert watch.state == "failed"
    assert watch.reached_at is None
    sandbox.clear_faults()
    assert take().state == "current"


def test_a_file_that_is_larger_than_allowed_is_not_kept(
    cast: Cast, connection: Connection, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MOST_BYTES", 100)
    watch = take()
    assert (watch.state, watch.files_done) == ("failed", 0)
    assert "more than" in watch.error


def test_a_worker_that_went_silent_is_replaced_and_its_own_late_work_dropped(
    cast: Cast, connection: Connection, take: Take
) -> None:
    with cast.at_acme():
        now = database_now()
        LogWatch.objects.create(connection=connection, state="taking", attempt=7, touched_at=now)
    assert take().attempt == 7  # somebody is at it
    with cast.at_acme():
        LogWatch.objects.update(touched_at=now - timedelta(minutes=11))
    watch = take()
    assert (watch.attempt, watch.state) == (8, "current")
    with cast.at_acme(), pytest.raises(taking.LostClaim):
        taking._mine(connection.pk, 7)


def test_only_operators_ask_and_one_at_a_time(cast: Cast, connection: Connection) -> None:
    now = database_now()
    with cast.at_acme("rita") as rita, pytest.raises(Denied):
        taking.ask_for_logs(actor=rita, connection_id=connection.pk, now=now)
    with cast.at_globex() as mallory, pytest.raises(NotFound):
        taking.ask_for_logs(actor=mallory, connection_id=connection.pk, now=now)
    with cast.at_acme("bob") as bob:
        watch = taking.ask_for_logs(actor=bob, connection_id=connection.pk, now=now)
        LogWatch.objects.filter(pk=watch.pk).update(state="taking", touched_at=now)
        with pytest.raises(Conflict):
            taking.ask_for_logs(actor=bob, connection_id=connection.pk, now=now)


def test_our_own_calls_are_found_by_their_request_ids(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, take: Take
) -> None:
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        list(org.query("SELECT Id FROM Case LIMIT 1"))
        [ours] = org.request_ids
    sandbox.admin("POST", "event_logs", json={"hours": 0})
    take()
    with cast.at_acme():
        row = LogRow.objects.get(request_id=ours, event_type="ApiTotalUsage")
        assert (row.entity, row.method, row.status) == ("Case", "GET", "200")
        assert "?" not in row.resource


def test_orgs_that_were_not_looked_at_lately_are_looked_at(
    cast: Cast, connection: Connection
) -> None:
    with cast.at_acme():
        now = database_now()
        assert taking.take_due(now=now) == 1
        LogWatch.objects.create(connection=connection, state="refused", looked_at=now)
        assert taking.take_due(now=now + timedelta(minutes=14)) == 0
        assert taking.take_due(now=now + timedelta(minutes=16)) == 1
