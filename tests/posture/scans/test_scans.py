"""Scans in the console: uploaded, run, cancelled, resumed, told on as findings."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, Invalid, NotFound
from apps.ledger import selectors as ledger
from apps.ledger import services as ledger_services
from apps.llm.models import Endpoint
from apps.posture.models import Finding, Scan, ScanAddress, ScanFinding
from apps.posture.scan.sources import SourceFile, read_zip
from apps.posture.scans import running, selectors, services, uploads
from tests.cast import Cast
from tests.crm import orgs
from tests.posture.scans.zips import (
    BAD_XML,
    CALLS_OPENAI,
    HOLDS_KEY,
    KEY,
    QUIET,
    ask,
    classes,
    run,
    zipped,
)

pytestmark = pytest.mark.django_db


def findings(cast: Cast) -> dict[str, str]:
    with cast.at_acme():
        return dict(Finding.objects.values_list("subject", "state"))


def test_an_upload_is_scanned_and_told_on_as_findings(cast: Cast) -> None:
    scan = run(cast, ask(cast, classes(Ask=CALLS_OPENAI, Quiet=QUIET)))

    assert (scan.state, scan.files, scan.entries_done) == ("complete", 2, 2)
    with cast.at_acme():
        [found] = ScanFinding.objects.filter(scan=scan)
        assert (found.rule, found.level, found.line) == ("egress-llm", "error", 4)
        [address] = ScanAddress.objects.filter(scan=scan)
        assert (address.host, address.is_llm) == ("api.openai.com", True)
        assert [event.action for event in ledger.list_path_of(scan)] == [
            "posture.scan.requested",
            "posture.scan.completed",
        ]
    assert findings(cast) == {"classes/Ask.cls#api.openai.com": "open"}


def test_the_tenants_own_endpoints_are_its_gateways(cast: Cast) -> None:
    with cast.at_acme():
        Endpoint.objects.create(
            name="own",
            base_url="https://llm.acme.example.de",
            zone=orgs.make_zone(),
            model="m",
            api_key="k",
        )
    own = CALLS_OPENAI.replace("api.openai.com", "llm.acme.example.de")
    scan = run(cast, ask(cast, classes(Ask=own)))

    with cast.at_acme():
        assert ScanAddress.objects.get(scan=scan).through_gateway == "yes"
        assert not ScanFinding.objects.filter(scan=scan).exists()


def test_a_complete_scan_of_everything_settles_what_is_gone(cast: Cast) -> None:
    run(cast, ask(cast, classes(Ask=CALLS_OPENAI), covers_all=True))
    run(cast, ask(cast, classes(Quiet=QUIET)))
    assert set(findings(cast).values()) == {"open"}  # a part of the metadata proves nothing
    run(cast, ask(cast, classes(Quiet=QUIET), covers_all=True))
    assert set(findings(cast).values()) == {"fixed"}


def test_a_scan_that_missed_a_file_is_incomplete_and_settles_nothing(cast: Cast) -> None:
    run(cast, ask(cast, classes(Ask=CALLS_OPENAI), covers_all=True))
    broken = zipped({"namedCredentials/A.namedCredential": BAD_XML})
    scan = run(cast, ask(cast, broken, covers_all=True))

    assert scan.state == "incomplete"
    assert scan.unread[0][0] == "namedCredentials/A.namedCredential"
    assert findings(cast)["classes/Ask.cls#api.openai.com"] == "open"


def test_no_secret_and_no_upload_stays(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ask(cast, classes(Keyed=HOLDS_KEY))
    with cast.at_acme():
        kept = Path(settings.VAR, "scan-uploads", str(cast.acme.pk), f"{asked.pk}.sealed")
        assert KEY.encode() not in kept.read_bytes()
        assert b"Keyed.cls" not in kept.read_bytes()
    with transaction.atomic():
        scan = run(cast, asked)
        with cast.at_acme():
            rows = [*ScanFinding.objects.values(), *Finding.objects.values()]
            assert {row["rule"] for row in ScanFinding.objects.values()} == {"secret"}
            told = list(ledger.list_path_of(scan).values())
    assert KEY not in f"{rows} {told}"
    assert KEY not in capsys.readouterr().out


def test_the_upload_goes_once_the_scan_is_over(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    asked = ask(cast, classes(Quiet=QUIET))
    with django_capture_on_commit_callbacks(execute=True):
        run(cast, asked)
    with cast.at_acme():
        assert not uploads.is_kept(asked.pk)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not a zip", "no zip file"),
        (zipped({"readme.txt": "hello"}), "no Salesforce metadata"),
        (zipped({"../classes/A.cls": QUIET}), "outside"),
        (zipped({"classes/A.cls": b"\0" * (21 * 2**20)}), "far more"),
        (classes(A=QUIET)[:-30], "damaged"),
    ],
)
def test_a_hostile_zip_is_refused_in_words(cast: Cast, data: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(cast, data)
    assert words in refused.value.message
    assert refused.value.field == "archive"
    with cast.at_acme():
        assert not Scan.objects.exists()


def test_only_one_scan_of_an_org_at_a_time(cast: Cast) -> None:
    ask(cast, classes(Quiet=QUIET))
    with pytest.raises(Conflict):
        ask(cast, classes(Quiet=QUIET))


def test_a_cancelled_scan_keeps_nothing_and_is_not_run(cast: Cast) -> None:
    asked = ask(cast, classes(Ask=CALLS_OPENAI))
    with cast.at_acme() as alice:
        services.cancel_scan(actor=alice, scan_id=asked.pk, now=database_now())
        with pytest.raises(Conflict):
            services.cancel_scan(actor=alice, scan_id=asked.pk, now=database_now())
    assert run(cast, asked).state == "cancelled"
    assert findings(cast) == {}


def test_a_scan_cancelled_while_it_runs_is_dropped(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(cast, classes(Ask=CALLS_OPENAI))
    monkeypatch.setattr(running, "TELL_EVERY_S", -1.0)

    def cancel_then_open(archive: BytesIO) -> Iterator[SourceFile]:
        with cast.at_acme() as alice:
            services.cancel_scan(actor=alice, scan_id=asked.pk, now=database_now())
        return read_zip(archive)

    monkeypatch.setattr(running, "read_zip", cancel_then_open)
    assert run(cast, asked).state == "cancelled"
    assert findings(cast) == {}


def test_a_scan_whose_worker_was_lost_starts_again_and_at_last_fails(cast: Cast) -> None:
    asked = ask(cast, classes(Ask=CALLS_OPENAI))
    with cast.at_acme():
        late = database_now() + timedelta(minutes=5)
        for _ in range(running.MOST_ATTEMPTS - 1):
            assert running._claim(asked.pk)
            assert running.requeue_stalled(now=late) == 1
    assert run(cast, asked).state == "complete"

    asked = ask(cast, classes(Ask=CALLS_OPENAI))
    with cast.at_acme():
        Scan.objects.filter(pk=asked.pk).update(attempts=3, state="running")
        assert running.requeue_stalled(now=database_now() + timedelta(minutes=5)) == 0
        assert Scan.objects.get(pk=asked.pk).state == "failed"


def test_a_scan_whose_upload_is_gone_fails_in_words(cast: Cast) -> None:
    asked = ask(cast, classes(Ask=CALLS_OPENAI))
    with cast.at_acme():
        uploads.forget(asked.pk)
    scan = run(cast, asked)
    assert (scan.state, "Upload it again" in scan.error) == ("failed", True)


def test_a_reviewer_may_not_scan_and_nobody_sees_anothers(cast: Cast) -> None:
    with cast.at_acme("rita") as rita, pytest.raises(Denied):
        services.scan_upload(
            actor=rita,
            name="a.zip",
            data=classes(Quiet=QUIET),
            connection_id=None,
            covers_all=False,
            now=database_now(),
        )
    asked = ask(cast, classes(Quiet=QUIET))
    with cast.at_globex() as mallory, pytest.raises(NotFound):
        selectors.get_scan_for(actor=mallory, scan_id=asked.pk)


def test_what_cannot_be_recorded_is_not_asked_for(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise DatabaseError("the ledger is away")

    monkeypatch.setattr(ledger_services, "record", fails)
    with pytest.raises(DatabaseError), transaction.atomic():
        ask(cast, classes(Quiet=QUIET))
    with cast.at_acme():
        assert not Scan.objects.exists()
