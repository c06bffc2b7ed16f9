"""What is kept of a file against what the ledger recorded when it was taken."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, NotFound
from apps.crm.broker import BROKER
from apps.crm.eventlogs import checking
from apps.crm.models import Connection, LogFile, LogPiece, LogRow
from apps.ledger import selectors as ledger
from apps.ledger.services import record
from tests.cast import Cast
from tests.crm.eventlogs.made_files import keep, line
from tests.reviews.made_up import make_connection

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def org(cast: Cast) -> Connection:
    with cast.at_acme():
        return make_connection()


@pytest.fixture
def file(cast: Cast, org: Connection) -> LogFile:
    with cast.at_acme():
        return keep(org, DAY, [line(DAY + timedelta(minutes=n), f"r{n}") for n in range(5)])


def check(cast: Cast, file: LogFile) -> LogFile:
    with cast.at_acme("bob") as bob:
        return checking.check_file(actor=bob, file_id=file.pk, now=database_now())


def test_a_file_that_nobody_touched_is_as_it_was_taken(cast: Cast, file: LogFile) -> None:
    checked = check(cast, file)
    assert checked.checked_at is not None and checked.altered_at is None
    with cast.at_acme():
        actions = [event.action for event in ledger.list_path_of(file)]
    assert actions == ["crm.event_log.taken", "crm.event_log.checked"]


@pytest.mark.parametrize("act", ["content", "gone", "fewer", "other", "counts", "hash"])
def test_whatever_was_changed_is_found(cast: Cast, file: LogFile, act: str) -> None:
    with cast.at_acme():
        if act == "content":
            piece = LogPiece.objects.get(file=file)
            piece.content = piece.content[:-6]
            piece.save()
        elif act == "gone":
            LogPiece.objects.filter(file=file).delete()
        elif act == "fewer":
            LogRow.objects.filter(file=file, request_id="r2").delete()
        elif act == "other":
            LogRow.objects.filter(file=file, request_id="r2").update(address="198.51.100.1")
        elif act == "counts":
            LogFile.objects.filter(pk=file.pk).update(hour_counts={})
        else:
            LogFile.objects.filter(pk=file.pk).update(sha256="ab" * 32)
    checked = check(cast, file)
    assert checked.altered_at is not None
    with cast.at_acme():
        [*_, event] = ledger.list_path_of(file)
        assert event.action == "crm.event_log.altered"
        differs = "rows" if act in {"fewer", "other", "counts"} else "content"
        assert ledger.data_of(event)["differs"] == differs


def test_a_second_entry_of_the_taking_is_no_proof(cast: Cast, file: LogFile) -> None:
    with cast.at_acme():
        LogFile.objects.filter(pk=file.pk).update(sha256="ab" * 32)
        now = database_now()
        forged = {"sha256": "ab" * 32}
        record(actor=BROKER, action=checking.TAKEN, target=file, at=now, data=forged)
    assert check(cast, file).altered_at is not None


def test_rows_that_a_replaced_file_no_longer_has_are_no_difference(
    cast: Cast, org: Connection, file: LogFile
) -> None:
    with cast.at_acme():
        keep(
            org,
            DAY,
            [line(DAY, "r0")],
            org_file_id=file.org_file_id,
            created_at=DAY + timedelta(days=2),
        )
    checked = check(cast, file)
    assert checked.superseded_at is not None and checked.altered_at is None


def test_only_operators_check_and_only_what_is_kept(cast: Cast, file: LogFile) -> None:
    now = database_now()
    with cast.at_acme("rita") as rita, pytest.raises(Denied):
        checking.check_file(actor=rita, file_id=file.pk, now=now)
    with cast.at_globex() as mallory, pytest.raises(NotFound):
        checking.check_file(actor=mallory, file_id=file.pk, now=now)
    with cast.at_acme("bob") as bob, pytest.raises(Conflict):
        LogFile.objects.filter(pk=file.pk).update(dropped_at=now)
        checking.check_file(actor=bob, file_id=file.pk, now=now)


def test_each_file_is_checked_again_after_a_month(cast: Cast, file: LogFile) -> None:
    with cast.at_acme():
        now = database_now()
        assert checking.check_due(now=now) == 1
        assert checking.check_due(now=now + timedelta(days=29)) == 0
        assert checking.check_due(now=now + timedelta(days=31)) == 1


def test_the_page_and_the_api_check_and_show_it(cast: Cast, org: Connection, file: LogFile) -> None:
    bob, page = cast.client("bob"), reverse("crm:log-files")
    assert "Not checked yet" in bob.get(page).content.decode()
    bob.post(reverse("crm:check-log-file", args=[file.pk]))
    assert "As taken" in bob.get(page).content.decode()
    with cast.at_acme():
        LogRow.objects.filter(file=file, request_id="r1").delete()
    answer = bob.post(reverse("crm:api-check-log-file", args=[file.pk]))
    assert (answer.status_code, answer.json()["altered_at"] is None) == (200, False)
    assert "not as they were taken" in bob.get(page).content.decode()
    listed = bob.get(reverse("crm:api-log-files", args=[org.pk])).json()["results"]
    assert [row["sha256"] for row in listed] == [file.sha256]
