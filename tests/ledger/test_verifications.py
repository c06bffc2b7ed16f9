"""Checks on schedule and on demand: what they read, what they keep, how loud they are."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import note, signing, tasks, verifications, verify
from apps.ledger.export.database import content_of, newest_checkpoint
from apps.ledger.models import Event, LogExport, Verification
from apps.ledger.signing import PublicKey
from tests.cast import make_cast
from tests.ledger.kept_log import KeptLog, kept_log
from tests.ledger.note_keys import MemoryKeys
from tests.ledger.sequencing import KEYS
from tests.ledger.tampering import AT, guards_off, tamper

pytestmark = pytest.mark.django_db(transaction=True)
CLERK = ServiceActor("ledger")


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "_introduced", [lambda: KEYS])


def run(log: KeptLog, *, full: bool = False) -> Verification:
    tasks.verify_log(tenant_id=str(log.tenant), full="1" if full else "")
    with scoped(tenant_id=log.tenant):
        found = verifications.last_verification()
    assert found is not None
    return found


def actions(log: KeptLog) -> list[str]:
    with scoped(tenant_id=log.tenant):
        told = Event.objects.filter(action__startswith="ledger.").order_by("recorded_at")
        return list(told.values_list("action", flat=True))


def test_the_first_check_reads_everything_and_the_next_what_came_since() -> None:
    log = kept_log(30)
    first = run(log)
    assert (first.is_good, first.began_with, first.size) == (True, 0, len(log.events))
    log.grow(20)
    second = run(log)
    assert (second.is_good, second.began_with) == (True, first.size)
    assert "were not read again" in "\n".join(second.not_proved)
    assert run(log, full=True).began_with == 0
    assert actions(log) == ["ledger.log.verified"] * 3


def test_a_log_that_nobody_signed_yet_is_not_called_good() -> None:
    with make_cast().at_acme():
        assert verifications.verify_log(actor=CLERK) is None
        assert verifications.list_verifications() == []


def test_damage_is_kept_recorded_and_read_again_in_full(
    admin_connection: psycopg.Connection,
) -> None:
    log = kept_log(30)
    assert run(log).is_good
    log.grow(5)
    with guards_off(admin_connection):
        tamper(admin_connection, log, f"UPDATE ledger_event SET target_id = 'x' WHERE {AT}")
    found = run(log, full=True)
    assert not found.is_good
    assert "its column target_id is not what its body says" in found.findings[0]
    assert actions(log)[-1] == "ledger.log.failed_verification"
    assert run(log).began_with == 0, "after damage everything is read"


def test_another_tenant_sees_none_of_it() -> None:
    log = kept_log(12)
    run(log)
    with log.cast.at_globex():
        assert verifications.last_verification() is None


def test_the_command_exports_a_log_that_verifies(tmp_path: Path) -> None:
    log = kept_log(40)
    place = tmp_path / "export"
    call_command("ledger_export", tenant=log.cast.acme.slug, out=place, operator="staff-7")
    report = verify.verify(place, keys=[log.vkey])
    assert (report.failed, report.size) == ([], len(log.events))
    assert actions(log) == ["ledger.log.exported"]
    with scoped(tenant_id=log.tenant):
        row = LogExport.objects.get()
    assert (row.state, row.size) == ("ready", len(log.events))


def test_the_command_leaves_out_older_bodies_when_asked(tmp_path: Path) -> None:
    log = kept_log(40)
    place = tmp_path / "export"
    call_command("ledger_export", tenant=log.cast.acme.slug, out=place, operator="x", since_size=25)
    report = verify.verify(place, keys=[log.vkey])
    assert report.failed == []
    assert any("25 " in words for words in report.not_proved)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tenant": "nobody"}, "There is no tenant 'nobody'"),
        ({"operator": " "}, "Say who you are"),
        ({"since_size": 999}, "Start at one of them"),
        ({"out": Path("/")}, "exists already"),
    ],
)
def test_bad_input_is_refused_in_words_and_leaves_nothing(
    options: dict[str, object], words: str, tmp_path: Path
) -> None:
    log = kept_log(12)
    given = {"tenant": log.cast.acme.slug, "out": tmp_path / "export", "operator": "x"}
    with pytest.raises(CommandError, match=words):
        call_command("ledger_export", **{**given, **options})
    assert list(tmp_path.iterdir()) == []
    assert actions(log) == []


def test_an_export_holds_the_last_checkpoint_of_a_key_that_was_rotated_out() -> None:
    log = kept_log(12)
    last, ended = len(log.events), database_now()
    log.grow(3)
    log.grow(3)
    past = [PublicKey(KEYS.signing[0].public, datetime(2026, 1, 1, tzinfo=UTC), ended)]
    with scoped(tenant_id=log.tenant):
        content = content_of(newest_checkpoint(), keys=MemoryKeys(past=past))
        sizes = [parse_checkpoint(older.note) for older in content.older]
    assert sizes == [last, last + 3], "that day's last one, and the key's"


def parse_checkpoint(text: str) -> int:
    return note.Checkpoint.parse(note.parse(text).text).size
