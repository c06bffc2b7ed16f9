"""Events go only when they are old, exported, marked, and under no hold; their proofs stay."""

import json
import os
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection as app_connection

from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.scope import scoped
from apps.ledger import merkle, retention, rows, signing, verifications, verify
from apps.ledger.export.database import newest_checkpoint
from apps.ledger.models import Event, LegalHold, PruneMark, RetentionPolicy
from apps.ledger.retention import Connection
from console.dev import urls
from tests.ledger.kept_log import KeptLog, kept_log
from tests.ledger.sequencing import KEYS
from tests.ledger.tampering import AT, guards_off, tamper

pytestmark = pytest.mark.django_db(transaction=True)
CLERK = ServiceActor("ledger")
OLD = 20  # events that are made old


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "_introduced", [lambda: KEYS])


@pytest.fixture
def log(admin_connection: psycopg.Connection) -> KeptLog:
    """A log whose first twenty events were recorded long ago; partitions and all."""
    made = kept_log(40)
    admin_connection.execute(
        "SELECT ledger_make_partition(share, (now() - interval '500 days')::date)"
        " FROM generate_series(0, 3) share"
    )
    back = "recorded_at = recorded_at - interval '500 days'"
    old = f"SELECT event_id FROM ledger_leaf WHERE {AT} AND seq < {OLD}"
    old_ones = f"UPDATE ledger_event SET {back} WHERE {AT} AND id IN ({old})"
    with guards_off(admin_connection):
        tamper(admin_connection, made, old_ones)
    return made


def login() -> Connection:
    url = os.environ.get("DATABASE_RETENTION_URL") or pytest.skip("no retention login")
    return psycopg.connect(urls.with_database(url, str(app_connection.settings_dict["NAME"])))


def prune(log: KeptLog, out: Path) -> PruneMark | None:
    return retention.prune(
        tenant_id=log.tenant, out=out, actor=CLERK, operator="staff-7", connect=login
    )


def count(log: KeptLog) -> int:
    with scoped(tenant_id=log.tenant):
        return Event.objects.filter(id__in=log.events).count()


def test_old_events_go_and_every_proof_still_holds(log: KeptLog, tmp_path: Path) -> None:
    with scoped(tenant_id=log.tenant):
        before = newest_checkpoint()
        size, root = before.size, bytes(before.root)
        path = merkle.inclusion_path(rows.hashes(size), 3, size)
        leaf = rows.leaves(3, 4)[0]
    mark = prune(log, tmp_path / "export")
    assert mark is not None
    assert mark.below == OLD
    assert count(log) == len(log.events) - OLD
    log.grow(3)
    merkle.check_inclusion(leaf, 3, size, path, root)
    with scoped(tenant_id=log.tenant):
        newest = newest_checkpoint()
        again = merkle.inclusion_path(rows.hashes(newest.size), 3, newest.size)
        merkle.check_inclusion(leaf, 3, newest.size, again, bytes(newest.root))
        proof = merkle.consistency_path(rows.hashes(newest.size), size, newest.size)
        merkle.check_consistency(size, newest.size, root, bytes(newest.root), proof)
        found = verifications.verify_log(actor=CLERK, full=True)
    assert found is not None
    assert found.findings == []
    assert any("pruned entries said" in words for words in found.not_proved)


def test_the_export_has_what_went_and_a_later_one_has_the_rest(
    log: KeptLog, tmp_path: Path
) -> None:
    prune(log, tmp_path / "first")
    lines = (tmp_path / "first/entries/000000.jsonl").read_bytes().splitlines()
    assert json.loads(lines[3])["event_id"] == str(log.events[3])
    later = log.export(tmp_path / "later", first=OLD)
    report = verify.verify(later, keys=[log.vkey], since=[tmp_path / "first/checkpoint"])
    assert report.failed == []


def test_nothing_goes_under_a_hold(log: KeptLog, tmp_path: Path) -> None:
    with scoped(tenant_id=log.tenant):
        hold = retention.place_hold(actor=CLERK, reason="case 00013377", now=database_now())
    with pytest.raises(Conflict, match="under a hold"):
        prune(log, tmp_path / "export")
    assert count(log) == len(log.events)
    assert list(tmp_path.iterdir()) == []
    with scoped(tenant_id=log.tenant):
        retention.release_hold(actor=CLERK, hold_id=hold.pk, now=database_now())
        with pytest.raises(Conflict, match="released already"):
            retention.release_hold(actor=CLERK, hold_id=hold.pk, now=database_now())
    assert prune(log, tmp_path / "export") is not None


def test_the_database_refuses_what_is_young_unmarked_or_held(log: KeptLog, tmp_path: Path) -> None:
    """The retention login by itself, whatever program uses it."""
    remove = "DELETE FROM ledger_event WHERE tenant_id = %s"
    with login() as connection:
        connection.execute("SELECT set_config('app.tenant', %s, false)", [str(log.tenant)])
        for sql in (remove, "TRUNCATE ledger_event", f"UPDATE ledger_event SET at = now() {AT}"):
            with pytest.raises(psycopg.Error), connection.transaction():
                connection.execute(sql, [log.tenant] if "%s" in sql else None)
    prune(log, tmp_path / "export")
    with login() as connection:
        connection.execute("SELECT set_config('app.tenant', %s, false)", [str(log.tenant)])
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="has to stay"):
            connection.execute(remove, [log.tenant])
    assert count(log) == len(log.events) - OLD


def test_marks_alone_do_not_let_the_serving_role_remove(log: KeptLog, tmp_path: Path) -> None:
    prune(log, tmp_path / "export")
    with pytest.raises(Exception, match=r"permission denied|append-only"), log.cast.at_acme():
        Event.objects.filter(id=log.events[30]).delete()


def test_fewer_than_ninety_days_are_refused(log: KeptLog) -> None:
    with scoped(tenant_id=log.tenant):
        with pytest.raises(Invalid, match="between 90"):
            retention.change_days(actor=CLERK, days=89, now=database_now())
        assert retention.days_kept() == 400
        retention.change_days(actor=CLERK, days=90, now=database_now())
        assert retention.days_kept() == 90


def test_longer_keeping_by_policy_holds_events_back(log: KeptLog, tmp_path: Path) -> None:
    with scoped(tenant_id=log.tenant):
        retention.change_days(actor=CLERK, days=600, now=database_now())
    assert prune(log, tmp_path / "export") is None
    assert count(log) == len(log.events)


def test_holds_of_another_tenant_are_not_found(log: KeptLog) -> None:
    with log.cast.at_globex():
        other = retention.place_hold(actor=CLERK, reason="their case", now=database_now())
    with scoped(tenant_id=log.tenant):
        assert LegalHold.objects.count() == 0
        with pytest.raises(NotFound):
            retention.release_hold(actor=CLERK, hold_id=other.pk, now=database_now())


def test_policy_rows_cannot_be_rewritten(log: KeptLog) -> None:
    with scoped(tenant_id=log.tenant):
        policy = retention.change_days(actor=CLERK, days=365, now=database_now())
    with pytest.raises(Exception, match="permission denied"), scoped(tenant_id=log.tenant):
        RetentionPolicy.objects.filter(pk=policy.pk).update(days=90)


def test_due_says_when(log: KeptLog) -> None:
    with scoped(tenant_id=log.tenant):
        due = retention.due(now=database_now())
        assert (due.start, due.below) == (0, OLD)
        at = retention.next_due_at()
        assert at is not None
        assert at < database_now() - timedelta(days=50)
