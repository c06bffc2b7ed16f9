"""The ledger's calls against files as they come: late, twice, in several types."""

from datetime import datetime, timedelta

import pytest

from apps.common.clock import database_now
from apps.crm.eventlogs.own import Journal
from apps.crm.models import Connection, LogFile, LogRow
from apps.posture.findings.reading import get_finding_for
from apps.posture.models import Finding, LogComparison
from apps.posture.reconcile import matching
from apps.posture.reconcile.altered import report_altered
from apps.posture.reconcile.looking import compare_logs
from tests.cast import Cast
from tests.crm.eventlogs.made_files import keep, line
from tests.reviews.made_up import make_connection

pytestmark = pytest.mark.django_db
OTHERS = "0H4000000000002"


@pytest.fixture
def org(cast: Cast) -> Connection:
    with cast.at_acme():
        return make_connection()


@pytest.fixture
def day() -> datetime:
    """The last day that can have been delivered whole."""
    today = database_now().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=2)


def called(org: Connection, at: datetime, *requests: str, minutes: int = 1) -> None:
    assert org.tenant_id
    journal = Journal(tenant_id=org.tenant_id, connection_id=org.pk)
    journal.close(requests, began_at=at, now=at + timedelta(minutes=minutes))


def compared(org: Connection) -> LogComparison:
    return compare_logs(org, now=database_now())


def test_a_file_delivered_again_changes_nothing_but_what_it_adds(
    cast: Cast, org: Connection, day: datetime
) -> None:
    with cast.at_acme():
        called(org, day, "a", "b")
        lines = [line(day, "a"), line(day, "z")]
        file = keep(org, day, lines)
        first = compared(org)
        later = day + timedelta(days=2)
        more = [*lines, line(day, "b")]
        keep(org, day, more, org_file_id=file.org_file_id, created_at=later)
        second = compared(org)
    assert (first.matched, first.unrecorded_count, first.unseen_count) == (1, 1, 1)
    assert (second.matched, second.unrecorded_count, second.unseen_count) == (2, 1, 0)


def test_of_a_composite_call_only_the_parent_is_expected(
    cast: Cast, org: Connection, day: datetime
) -> None:
    """The ledger has one id for what was sent; the org logs one row, whatever its parts did."""
    with cast.at_acme():
        called(org, day, "parent")
        header = "EVENT_TYPE,TIMESTAMP_DERIVED,REQUEST_ID,CONNECTED_APP_ID,API_RESOURCE"
        parent = f"ApiTotalUsage,{day:%Y-%m-%dT%H:%M:%S}.000Z,parent,0H4000000000001"
        keep(org, day, [f"{parent},/v62.0/composite"], header=header)
        found = compared(org)
    assert (found.matched, found.unrecorded_count, found.unseen_count) == (1, 0, 0)


def test_what_no_file_has_yet_is_pending_and_never_fine(
    cast: Cast, org: Connection, day: datetime
) -> None:
    with cast.at_acme():
        called(org, day, "a")
        called(org, day + timedelta(days=1), "b")
        keep(org, day, [line(day, "a")])
        found = compared(org)
    assert (found.matched, found.unseen_count, found.pending_count) == (1, 0, 1)
    assert "unknown" in found.words


def test_a_session_over_midnight_and_many_pieces_agree(
    cast: Cast, org: Connection, day: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "PIECE", 3)
    midnight = day + timedelta(days=1)
    ids = [f"r{number:02}" for number in range(20)]
    times = [midnight + timedelta(minutes=number - 10) for number in range(20)]
    lines = [line(at, each) for at, each in zip(times, ids, strict=True)]
    with cast.at_acme():
        called(org, day + timedelta(hours=1), "early")
        called(org, times[0], *ids, minutes=20)
        keep(org, day, [line(day + timedelta(hours=1), "early"), *lines[:10]])
        keep(org, midnight, [*lines[10:], line(midnight, "x"), line(midnight, "y", OTHERS)])
        found = compared(org)
        finding = Finding.objects.get(kind="reconcile.not-in-ledger")
    assert (found.matched, found.unseen_count) == (21, 0)
    assert [each["request"] for each in found.unrecorded] == ["x"]
    assert f"from={midnight:%Y-%m-%d}" in finding.detail["log"]


def test_calls_from_before_the_ledger_kept_them_are_no_difference(
    cast: Cast, org: Connection, day: datetime
) -> None:
    with cast.at_acme():
        called(org, day + timedelta(hours=2), "a")
        keep(org, day, [line(day, "old"), line(day + timedelta(hours=2), "a")])
        assert compared(org).unrecorded_count == 0


def test_bulk_calls_are_taken_from_the_type_that_has_every_call(
    cast: Cast, org: Connection, day: datetime
) -> None:
    with cast.at_acme():
        called(org, day, "bulk")
        header = "EVENT_TYPE,TIMESTAMP_DERIVED,REQUEST_ID,JOB_ID,ENTITY_TYPE,RECORDS_PROCESSED"
        part = f"BulkApi2,{day:%Y-%m-%dT%H:%M:%S}.000Z,,750000000000001,Case,"
        job = [part + "0", part + "2500", part + "5000"]  # one job tells of itself several times
        keep(org, day, job, header=header, event_type="BulkApi2")
        keep(org, day, [line(day, "bulk")])
        found = compared(org)
        told = LogRow.objects.filter(event_type="BulkApi2").order_by("rows")
        assert [(row.entity, row.rows) for row in told][-1] == ("Case", 5000)
    assert (found.matched, found.unrecorded_count, found.unseen_count) == (1, 0, 0)


def test_an_altered_file_becomes_a_finding_once(cast: Cast, org: Connection, day: datetime) -> None:
    with cast.at_acme("bob") as bob:
        file = keep(org, day, [line(day, "a")])
        assert report_altered(now=database_now()) == 0
        now = database_now()
        LogFile.objects.filter(pk=file.pk).update(altered_at=now, checked_at=now)
        assert (report_altered(now=now), report_altered(now=now)) == (1, 0)
        finding = Finding.objects.get(kind="reconcile.altered-log")
        assert get_finding_for(actor=bob, finding_id=finding.pk).level == "error"
