"""Scans in the browser: upload, report with what is new, SARIF for those who may export."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.posture.models import Scan
from tests.cast import Cast, code_for
from tests.crm.test_pages import text_of
from tests.posture.scans.zips import BAD_XML, CALLS_OPENAI, QUIET, ask, classes, run, zipped
from tests.reviews.made_up import make_connection

pytestmark = pytest.mark.django_db


def upload(cast: Cast, data: bytes | None, name: str = "alice", **typed: str) -> Any:
    sent: dict[str, Any] = dict(typed)
    if data is not None:
        sent["archive"] = SimpleUploadedFile("acme.zip", data, "application/zip")
    return cast.client(name).post(reverse("posture:scans"), sent)


def page_of(cast: Cast, scan: Scan, name: str = "alice") -> str:
    return text_of(cast.client(name).get(reverse("posture:scan", args=[scan.pk])))


def test_an_uploaded_zip_leads_to_its_page(cast: Cast) -> None:
    answer = upload(cast, classes(Ask=CALLS_OPENAI))
    with cast.at_acme():
        scan = Scan.objects.get()
    assert answer["Location"] == reverse("posture:scan", args=[scan.pk])
    assert "Waiting for a worker" in page_of(cast, scan)
    shown = page_of(cast, run(cast, scan))
    assert "1 serious finding in 1 file; 1 model provider reached past the gateway" in shown
    assert "force-app/main/default/classes/Ask.cls:4" in shown


def test_what_is_no_zip_is_refused_beside_its_field(cast: Cast) -> None:
    for data, words in ((b"hello", "no zip file"), (None, "Choose a zip")):
        answer = upload(cast, data)
        assert answer.status_code == 400
        assert words in text_of(answer)


def test_a_file_over_the_limit_is_refused_with_the_limit(cast: Cast, settings: Any) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
    answer = upload(cast, b"x" * 2**21)
    assert answer.status_code == 400
    assert "larger than 1 MiB" in text_of(answer)


def test_the_report_tells_what_is_new_and_gone_and_lies_outside_the_zone(cast: Cast) -> None:
    with cast.at_acme():
        connection = make_connection()

    def scanned(data: bytes) -> Scan:
        return run(cast, ask(cast, data, connection=connection, covers_all=True))

    scanned(classes(Ask=CALLS_OPENAI))
    elsewhere = CALLS_OPENAI.replace("api.openai.com", "tool.example.fr")
    bad = {"namedCredentials/A.namedCredential": BAD_XML, "classes/B.cls": elsewhere}
    shown = page_of(cast, scanned(zipped(bad)))
    assert "1 address called outside the org&#x27;s zone" in shown
    assert "France" in shown
    assert "1 not seen again after the scan" in shown  # a file was not read: it proves nothing
    assert "new" in shown
    assert "namedCredentials/A.namedCredential" in shown
    assert "2 gone since the scan" in page_of(cast, scanned(classes(Quiet=QUIET)))


def test_sarif_is_for_those_who_may_export_and_show_a_fresh_code(cast: Cast) -> None:
    scan = run(cast, ask(cast, classes(Ask=CALLS_OPENAI, Quiet=QUIET)))
    address = reverse("posture:scan-sarif", args=[scan.pk])
    assert cast.client("alice").post(address).status_code == 403
    otto = cast.client("otto")
    assert "recorded in the ledger" in text_of(otto.get(address))
    code = code_for(cast.otto)
    document = json.loads(otto.post(address, {"code": code}).content)
    assert otto.post(address, {"code": code}).status_code == 422
    [result] = document["runs"][0]["results"]
    assert result["ruleId"] == "egress-llm"
    assert cast.client("mallory").get(address).status_code == 404
