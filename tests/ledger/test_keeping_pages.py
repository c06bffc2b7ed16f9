"""Pages of checks, exports and retention: who may, what a code is asked for, what is refused."""

import io
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.http import FileResponse
from django.urls import reverse
from psycopg import Connection

from apps.common.clock import database_now
from apps.ledger import exporting, exports, signing, tasks, verify
from apps.ledger.export import writing
from apps.ledger.models import Event, LegalHold, LogExport, Verification
from tests.cast import Cast, fresh_code
from tests.ledger.kept_log import KeptLog, kept_log
from tests.ledger.sequencing import KEYS

WRONG = "000000"


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(signing, "_introduced", [lambda: KEYS])


def told(cast: Cast) -> list[str]:
    with cast.at_acme():
        return list(Event.objects.values_list("action", flat=True))


def test_history_says_that_nothing_was_verified_yet(cast: Cast) -> None:
    answer = cast.client("otto").get(reverse("ledger:verifications"))
    assert "This ledger has not been verified yet" in answer.content.decode()


def test_verify_now_needs_the_power_to_read_the_ledger(cast: Cast) -> None:
    assert cast.client("otto").post(reverse("ledger:verify-now")).status_code == 302
    assert cast.client("otto").get(reverse("ledger:verify-now")).status_code == 405


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"act": "days", "days": "30"}, "Choose between 90"),
        ({"act": "days", "days": "ninety"}, "Give a number of days"),
        ({"act": "hold", "reason": " "}, "Say why"),
        ({"act": "hold", "reason": "case\x00 13"}, "Say why"),
        ({"act": "release", "hold": "x"}, "Choose a hold"),
        ({"act": "else"}, "This page is damaged"),
    ],
)
def test_bad_input_is_refused_in_words(cast: Cast, fields: dict[str, str], words: str) -> None:
    answer = cast.client("alice").post(
        reverse("ledger:retention"), {**fields, "code": fresh_code(cast.alice)}
    )
    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_keeping_is_changed_with_a_code_and_by_those_who_set_policy(cast: Cast) -> None:
    address = reverse("ledger:retention")
    days = {"act": "days", "days": "500"}
    assert cast.client("otto").post(address, {**days, "code": WRONG}).status_code == 403
    done = cast.client("alice").post(address, {**days, "code": fresh_code(cast.alice)})
    assert done.status_code == 302
    assert "at least 500 days" in cast.client("otto").get(address).content.decode()
    refused = cast.client("alice").post(address, {**days, "code": WRONG})
    assert refused.status_code == 422
    assert told(cast).count("ledger.retention.changed") == 1


def test_a_hold_is_placed_shown_and_released(cast: Cast) -> None:
    address, alice = reverse("ledger:retention"), cast.client("alice")
    hold = {"act": "hold", "reason": "case 00013377", "code": fresh_code(cast.alice)}
    assert alice.post(address, hold).status_code == 302
    assert "case 00013377" in cast.client("otto").get(address).content.decode()
    with cast.at_acme():
        pk = LegalHold.objects.get().pk
    release = {"act": "release", "hold": str(pk), "code": fresh_code(cast.alice)}
    assert alice.post(address, release).status_code == 302
    assert "No legal hold" in alice.get(address).content.decode()


def test_nothing_is_exported_before_anything_is_signed(cast: Cast) -> None:
    answer = cast.client("otto").post(reverse("ledger:exports"), {"code": fresh_code(cast.otto)})
    assert answer.status_code == 409
    assert "Nothing of this ledger has been signed yet" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_export_is_asked_for_written_and_taken(tmp_path: Path) -> None:
    log = kept_log(20)
    otto, address = log.cast.client("otto"), reverse("ledger:exports")
    assert otto.post(address, {"code": fresh_code(log.cast.otto)}).status_code == 302
    with log.cast.at_acme():
        row = LogExport.objects.get()
    tasks.write_export(tenant_id=str(log.tenant), export_id=str(row.pk))
    tasks.write_export(tenant_id=str(log.tenant), export_id=str(row.pk))  # delivered twice
    one = reverse("ledger:export", args=[row.pk])
    assert log.cast.client("mallory").get(one).status_code == 404
    answer = otto.post(one, {"code": fresh_code(log.cast.otto)})
    assert answer.status_code == 200
    assert isinstance(answer, FileResponse)
    with tarfile.open(fileobj=io.BytesIO(b"".join(answer))) as archive:
        archive.extractall(tmp_path / "taken")
    report = verify.verify(tmp_path / "taken" / f"ledger-{row.pk}", keys=[log.vkey])
    assert report.failed == []
    assert otto.post(one, {"code": WRONG}).status_code == 422
    assert told(log.cast).count("ledger.log.downloaded") == 1


@pytest.mark.django_db(transaction=True)
def test_an_export_that_cannot_be_written_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    log = kept_log(12)
    otto = log.cast.client("otto")
    otto.post(reverse("ledger:exports"), {"code": fresh_code(log.cast.otto)})
    (Path(settings.VAR) / exports.ROOM).write_text("a file is in the way")
    with log.cast.at_acme():
        row = LogExport.objects.get()
    with pytest.raises(OSError, match="Not a directory"):
        tasks.write_export(tenant_id=str(log.tenant), export_id=str(row.pk))
    page = otto.get(reverse("ledger:export", args=[row.pk])).content.decode()
    assert "could not be written" in page


class Killed(BaseException):
    """The end of a worker, at which no handler of errors runs."""


def a_killed_export(log: KeptLog, monkeypatch: pytest.MonkeyPatch) -> LogExport:
    """An export whose worker was killed between the entries and the tiles."""
    log.cast.client("otto").post(reverse("ledger:exports"), {"code": fresh_code(log.cast.otto)})
    with log.cast.at_acme():
        row = LogExport.objects.get()

    def die(files: object, content: object) -> None:
        raise Killed

    with monkeypatch.context() as killing, pytest.raises(Killed):
        killing.setattr(writing._Files, "_tiles", die)
        tasks.write_export(tenant_id=str(log.tenant), export_id=str(row.pk))
    with log.cast.at_acme():
        row.refresh_from_db()
    return row


def sent(log: KeptLog, monkeypatch: pytest.MonkeyPatch, *, later: timedelta) -> list[str]:
    """What the minute's look at exports enqueues."""
    found: list[str] = []
    with monkeypatch.context() as watching:
        watching.setattr(exporting, "enqueue", lambda name, **ids: found.append(name))
        with log.cast.at_acme():
            exporting.resume_exports(database_now() + later)
    return found


@pytest.mark.django_db(transaction=True)
def test_an_export_goes_on_after_its_worker_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    log = kept_log(20)
    row = a_killed_export(log, monkeypatch)
    assert (row.state, row.done) == ("writing", row.size), "its progress was told before the end"
    left = exports.directory_of(log.tenant, row.pk).parent / f".{row.pk}.left-by-the-killed"
    left.mkdir()
    assert sent(log, monkeypatch, later=timedelta(0)) == [], "the first worker may yet begin"
    assert sent(log, monkeypatch, later=timedelta(minutes=2)) == ["ledger.write_export"]
    tasks.write_export(tenant_id=str(log.tenant), export_id=str(row.pk))
    with log.cast.at_acme():
        row.refresh_from_db()
    assert row.state == "ready"
    assert not left.exists()
    report = verify.verify(exports.directory_of(log.tenant, row.pk), keys=[log.vkey])
    assert report.failed == []


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_leaves_an_export_alone_that_is_being_written(
    monkeypatch: pytest.MonkeyPatch, migrator_connection: Connection
) -> None:
    log = kept_log(12)
    row = a_killed_export(log, monkeypatch)
    with migrator_connection.transaction():
        migrator_connection.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ledger export {row.pk}"]
        )
        assert sent(log, monkeypatch, later=timedelta(minutes=2)) == []
        tasks.write_export(tenant_id=str(log.tenant), export_id=str(row.pk))
        with log.cast.at_acme():
            row.refresh_from_db()
        assert row.state == "writing"


@pytest.mark.django_db(transaction=True)
def test_an_export_that_nobody_can_write_is_given_up_after_a_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = kept_log(12)
    row = a_killed_export(log, monkeypatch)
    assert sent(log, monkeypatch, later=timedelta(hours=25)) == []
    with log.cast.at_acme():
        row.refresh_from_db()
    assert row.state == "failed"
    again = log.cast.client("otto").post(
        reverse("ledger:exports"), {"code": fresh_code(log.cast.otto)}
    )
    assert again.status_code == 302


def test_the_page_shows_what_was_verified_as_soon_as_it_is_there(cast: Cast) -> None:
    otto, page = cast.client("otto"), reverse("ledger:verifications")
    waiting = otto.get(page, {"after": "none"})
    assert "The whole ledger is being read" in waiting.content.decode()
    assert otto.get(page, {"after": "none"}, headers={"HX-Request": "true"}).status_code == 204
    with cast.at_acme():
        last = _verified()
    news = otto.get(page, {"after": "none"}, headers={"HX-Request": "true"})
    assert news["HX-Refresh"] == "true"
    assert "is being read" not in otto.get(page, {"after": "none"}).content.decode()
    assert "is being read" in otto.get(page, {"after": str(last.pk)}).content.decode()


def _verified() -> Verification:
    now = database_now()
    return Verification.objects.create(
        started_at=now,
        finished_at=now,
        actor="service:ledger",
        began_with=0,
        size=1,
        root=bytes(32),
        code=0,
    )
