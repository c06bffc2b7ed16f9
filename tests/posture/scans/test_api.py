"""Scans over the API: asked for, followed, read by others' tools, and kept apart."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.crm.models import Connection
from apps.ledger import selectors as ledger
from apps.posture.models import Scan
from tests.cast import Cast, code_for
from tests.posture.scans.zips import CALLS_OPENAI, HOLDS_KEY, QUIET, ask, classes, run
from tests.reviews.made_up import make_connection

pytestmark = pytest.mark.django_db


def address(name: str, *about: object) -> str:
    return reverse(f"posture:api-{name}", args=about)


def upload(cast: Cast, name: str, data: bytes | None, **typed: Any) -> Any:
    if data is not None:
        typed["archive"] = SimpleUploadedFile("acme.zip", data, "application/zip")
    return cast.client(name).post(address("scans"), typed)


def fields(answer: Any) -> list[str]:
    """The fields that a refusal names."""
    return [row["field"] for row in answer.json()["errors"]]


@pytest.fixture
def scan(cast: Cast) -> Scan:
    return run(cast, ask(cast, classes(Ask=CALLS_OPENAI, Keyed=HOLDS_KEY)))


def test_a_scan_is_asked_for_and_followed_to_its_end(cast: Cast) -> None:
    answer = upload(cast, "alice", classes(Quiet=QUIET), covers_all="true")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    one = answer.json()["id"]
    assert cast.client("otto").get(address("scan-report", one)).status_code == 409
    with cast.at_acme():
        run(cast, Scan.objects.get(pk=one))
    told = cast.client("otto").get(address("scan", one)).json()
    assert (told["state"], told["entries_done"], told["covers_all"]) == ("complete", 1, True)
    listed = cast.client("otto").get(address("scans")).json()["results"]
    assert [row["id"] for row in listed] == [one]


def test_what_is_no_zip_is_refused_by_field(cast: Cast) -> None:
    for data in (b"hello", None):
        answer = upload(cast, "alice", data)
        assert (answer.status_code, fields(answer)) == (400, ["archive"])
    assert upload(cast, "rita", classes(Quiet=QUIET)).status_code == 403
    with cast.at_acme():
        assert not Scan.objects.exists()


def test_a_scan_is_called_off(cast: Cast) -> None:
    asked = ask(cast, classes(Quiet=QUIET))
    off = address("scan-cancel", asked.pk)
    assert cast.client("otto").post(off).status_code == 403
    assert cast.client("alice").post(off).json()["state"] == "cancelled"
    assert cast.client("alice").post(off).status_code == 409


def test_an_org_is_read_by_those_who_operate_it(cast: Cast) -> None:
    with cast.at_acme():
        org: Connection = make_connection()
    assert cast.client("otto").post(address("scan-org", org.pk)).status_code == 403
    answer = cast.client("alice").post(address("scan-org", org.pk))
    assert (answer.status_code, answer.json()["origin"]) == (202, "org")
    assert cast.client("mallory").post(address("scan-org", org.pk)).status_code == 404


def test_report_addresses_and_findings_tell_the_same(cast: Cast, scan: Scan) -> None:
    otto = cast.client("otto")
    report = otto.get(address("scan-report", scan.pk)).json()
    assert report["totals"] == {"error": 2, "warning": 0, "note": 0}
    assert {row["rule"]: row["count"] for row in report["rules"]} == {"egress-llm": 1, "secret": 1}
    assert report["past_gateway"] == 1 and report["scan_before"] is None
    [host] = otto.get(address("scan-addresses", scan.pk)).json()
    assert (host["host"], host["provider"], host["jurisdiction"]) == (
        "api.openai.com",
        "OpenAI",
        "US",
    )
    assert (host["is_llm"], host["called"], host["standing"]) == (True, True, "no_zone")
    assert host["places"][0]["line"] == 4
    found = otto.get(address("scan-findings", scan.pk), {"rule": "secret"}).json()["results"]
    assert [row["path"].rpartition("/")[2] for row in found] == ["Keyed.cls"]
    wrong = otto.get(address("scan-findings", scan.pk), {"level": "dire"})
    assert (wrong.status_code, fields(wrong)) == (400, ["level"])


def test_the_report_names_what_the_scan_before_showed(cast: Cast, scan: Scan) -> None:
    after = run(cast, ask(cast, classes(Ask=CALLS_OPENAI), covers_all=True))
    report = cast.client("otto").get(address("scan-report", after.pk)).json()
    assert report["scan_before"] == str(scan.pk)
    assert ([row["rule"] for row in report["gone"]], report["is_whole"]) == (["secret"], True)


def test_sarif_needs_the_power_to_export_and_a_fresh_code(cast: Cast, scan: Scan) -> None:
    to = address("scan-sarif", scan.pk)
    assert cast.client("alice").post(to, {"code": "000000"}, "application/json").status_code == 403
    code = code_for(cast.otto)
    answer = cast.client("otto").post(to, {"code": code}, "application/json")
    assert answer.json()["version"] == "2.1.0"
    with cast.at_acme():
        assert ledger.list_events(action="posture.scan.exported").count() == 1
    again = cast.client("otto").post(to, {"code": code}, "application/json")
    assert (again.status_code, fields(again)) == (422, ["code"])


def test_nobody_reads_anothers_scan(cast: Cast, scan: Scan) -> None:
    mallory = cast.client("mallory")
    for name in ("scan", "scan-report", "scan-addresses", "scan-findings"):
        assert mallory.get(address(name, scan.pk)).status_code == 404
    assert mallory.get(address("scans")).json()["results"] == []
