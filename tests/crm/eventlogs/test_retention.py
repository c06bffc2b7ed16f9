"""For how long event logs are kept: what goes, what stays, and what stops it."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from apps.common.clock import database_now
from apps.common.errors import Denied, Invalid
from apps.crm.broker import BROKER
from apps.crm.eventlogs import retention
from apps.crm.models import Connection, LogFile, LogPiece, LogPolicy, LogRow
from apps.ledger import retention as holds
from apps.ledger import selectors as ledger
from tests.cast import Cast, fresh_code
from tests.crm.eventlogs.made_files import keep, line
from tests.reviews.made_up import make_connection

pytestmark = pytest.mark.django_db
DROPPED = "crm.event_log.dropped"
PAGE, API = "crm:log-files", "crm:api-log-keeping"


@pytest.fixture
def org(cast: Cast) -> Connection:
    with cast.at_acme():
        return make_connection()


def day(age: int) -> datetime:
    now = database_now()
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=age)


def keep_days(org: Connection, *ages: int) -> list[LogFile]:
    return [keep(org, day(age), [line(day(age), f"r{age}-{n}") for n in range(3)]) for age in ages]


def test_old_files_go_with_their_rows_and_their_hashes_stay(cast: Cast, org: Connection) -> None:
    with cast.at_acme():
        older, old, young = keep_days(org, 200, 190, 20)
    assert retention.drop_due(tenant_id=cast.acme.pk) == retention.Dropped(2, 6)
    assert retention.drop_due(tenant_id=cast.acme.pk) == retention.Dropped()
    with cast.at_acme():
        assert set(LogRow.objects.values_list("file", flat=True)) == {young.pk}
        assert set(LogPiece.objects.values_list("file", flat=True)) == {young.pk}
        gone = LogFile.objects.exclude(dropped_at=None).order_by("starts_at")
        assert [file.sha256 for file in gone] == [older.sha256, old.sha256]
        [entry] = ledger.list_events(action=DROPPED)
        told = ledger.data_of(entry)
    assert (told["files"], told["rows"], told["days"]) == (2, 6, 180)
    assert told["sha256"] == retention.digest_of([old, older])
    assert (told["from"], told["until"]) == (day(200).isoformat(), day(189).isoformat())


def test_a_legal_hold_keeps_everything_until_it_is_released(cast: Cast, org: Connection) -> None:
    with cast.at_acme() as alice:
        keep_days(org, 200)
        hold = holds.place_hold(actor=alice, reason="case 00013377", now=database_now())
    assert retention.drop_due(tenant_id=cast.acme.pk).files == 0
    with cast.at_acme() as alice:
        assert LogRow.objects.count() == 3
        holds.release_hold(actor=alice, hold_id=hold.pk, now=database_now())
    assert retention.drop_due(tenant_id=cast.acme.pk).files == 1


def test_a_hold_that_comes_while_files_go_brings_them_back(
    cast: Cast, org: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cast.at_acme():
        keep_days(org, 200)
    digest = retention.digest_of

    def holds_meanwhile(files: list[LogFile]) -> str:
        holds.place_hold(actor=BROKER, reason="case 00013377", now=database_now())
        return digest(files)

    monkeypatch.setattr(retention, "digest_of", holds_meanwhile)
    assert retention.drop_due(tenant_id=cast.acme.pk).files == 0
    with cast.at_acme():
        assert LogRow.objects.count() == 3
        assert not ledger.list_events(action=DROPPED).exists()


def test_a_round_that_breaks_off_leaves_rows_and_ledger_together(
    cast: Cast, org: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cast.at_acme():
        keep_days(org, 200, 199)
    monkeypatch.setattr(retention, "BATCH", 1)
    digest, asked = retention.digest_of, list[int]()

    def breaks(files: list[LogFile]) -> str:
        asked.append(len(files))
        if len(asked) == 2:
            raise ConnectionError("the worker was killed")
        return digest(files)

    monkeypatch.setattr(retention, "digest_of", breaks)
    with pytest.raises(ConnectionError):
        retention.drop_due(tenant_id=cast.acme.pk)
    with cast.at_acme():
        assert LogRow.objects.count() == 3  # the second file's, whole
        assert ledger.list_events(action=DROPPED).count() == 1
    assert retention.drop_due(tenant_id=cast.acme.pk).files == 1


def test_another_tenants_files_stay(cast: Cast, org: Connection) -> None:
    with cast.at_acme():
        keep_days(org, 200)
    assert retention.drop_due(tenant_id=cast.globex.pk).files == 0
    with cast.at_acme():
        assert LogRow.objects.count() == 3


def test_an_admin_changes_the_days_within_limits(cast: Cast, org: Connection) -> None:
    now = database_now()
    with cast.at_acme("bob") as bob, pytest.raises(Denied):
        retention.change_days(actor=bob, days=90, now=now)
    with cast.at_acme() as alice:
        for days in (29, 3651):
            with pytest.raises(Invalid):
                retention.change_days(actor=alice, days=days, now=now)
        retention.change_days(actor=alice, days=30, now=now)
        assert retention.days_kept() == 30
        [entry] = ledger.list_events(action="crm.event_log.keeping_changed")
        assert ledger.data_of(entry) == {"before": 180, "days": 30}
    with cast.at_globex():
        assert retention.days_kept() == 180


def test_the_page_changes_the_days_only_with_a_code_for_them(cast: Cast, org: Connection) -> None:
    alice, address = cast.client("alice"), reverse(PAGE)
    assert "kept for 180 days" in alice.get(address).content.decode()
    assert 'name="days"' not in cast.client("bob").get(address).content.decode()
    short = alice.post(address, {"days": "7", "code": fresh_code(cast.people["alice"])})
    assert "Choose between 30 and 3,650 days" in short.content.decode()
    with cast.at_acme():
        assert not LogPolicy.objects.exists()
    done = alice.post(address, {"days": "60", "code": fresh_code(cast.people["alice"])})
    assert done.status_code == 302
    assert "kept for 60 days" in alice.get(address).content.decode()
    wrong = alice.post(address, {"days": "90", "code": "000000"})
    assert wrong.status_code == 422
    assert "kept for 60 days" in alice.get(address).content.decode()


def test_the_api_tells_and_changes_the_days(cast: Cast, org: Connection) -> None:
    with cast.at_acme():
        keep_days(org, 200)
    alice = cast.client("alice")
    told = alice.get(reverse(API)).json()
    assert told == {"days": 180, "held": False, "due_files": 1}
    asked = {"days": 365, "code": fresh_code(cast.people["alice"])}
    changed = alice.put(reverse(API), asked, content_type="application/json")
    assert (changed.status_code, changed.json()["days"]) == (200, 365)
    refused = cast.client("bob").put(reverse(API), asked, content_type="application/json")
    assert refused.status_code == 403
