"""Bulk API 2.0, both ways, by hand and by simple-salesforce over TLS."""

import csv
import io
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import OrgClient, log_in_as_app


def job(writer: OrgClient, operation: str, content: str, **more: Any) -> str:
    wanted = {"object": "Contact", "operation": operation, "contentType": "CSV", **more}
    made = writer.send("POST", "/jobs/ingest", json=wanted)
    assert made.status_code == 200, made.text
    job_id = str(made.json()["id"])
    headers = {"Content-Type": "text/csv"}
    sent = writer.send("PUT", f"/jobs/ingest/{job_id}/batches", data=content, headers=headers)
    assert (sent.status_code, sent.text) == (201, "")
    writer.send("PATCH", f"/jobs/ingest/{job_id}", json={"state": "UploadComplete"})
    return job_id


def states(writer: OrgClient, path: str) -> list[str]:
    return [writer.get(path).json()["state"] for _ in range(3)]


def table(writer: OrgClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(writer.get(path).text)))


def test_rows_are_taken_in_and_each_is_accounted_for(writer: OrgClient) -> None:
    job_id = job(writer, "insert", "LastName,Email\nBulk-A,a@acme.example\nBulk-B,none\n")

    assert states(writer, f"/jobs/ingest/{job_id}") == ["InProgress", "JobComplete", "JobComplete"]

    told = writer.get(f"/jobs/ingest/{job_id}").json()
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (2, 1)
    [good] = table(writer, f"/jobs/ingest/{job_id}/successfulResults")
    [bad] = table(writer, f"/jobs/ingest/{job_id}/failedResults")
    assert (good["sf__Created"], good["LastName"]) == ("true", "Bulk-A")
    assert bad["sf__Error"].startswith("INVALID_EMAIL_ADDRESS:")
    assert table(writer, f"/jobs/ingest/{job_id}/unprocessedrecords") == []


def test_a_locked_row_is_told_in_its_cell(writer: OrgClient) -> None:
    writer.sandbox.fault("lock_bulk_row", when="nth", n=2)
    job_id = job(writer, "insert", "LastName\nLock-A\nLock-B\nLock-C\n")
    states(writer, f"/jobs/ingest/{job_id}")

    [bad] = table(writer, f"/jobs/ingest/{job_id}/failedResults")

    assert bad["LastName"] == "Lock-B"
    assert bad["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access")


def test_a_job_is_seen_by_its_maker_only_and_uploaded_to_once(writer: OrgClient) -> None:
    job_id = job(writer, "insert", "LastName\nOnce\n")

    again = writer.send("PUT", f"/jobs/ingest/{job_id}/batches", data="LastName\nTwice\n")
    unknown = writer.get("/jobs/ingest/7500x0000000000AAA")

    assert again.json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert unknown.status_code == 404


def test_ragged_rows_fail_the_job_with_words(writer: OrgClient) -> None:
    job_id = job(writer, "insert", "LastName,Email\nA\n")

    assert states(writer, f"/jobs/ingest/{job_id}")[-1] == "Failed"
    assert "number of fields" in writer.get(f"/jobs/ingest/{job_id}").json()["errorMessage"]


def test_a_query_is_given_out_by_pages(writer: OrgClient) -> None:
    wanted = {"operation": "query", "query": "SELECT Id, Profile.Name FROM User ORDER BY Id"}
    job_id = writer.send("POST", "/jobs/query", json=wanted).json()["id"]
    assert states(writer, f"/jobs/query/{job_id}")[1] == "JobComplete"

    first = writer.get(f"/jobs/query/{job_id}/results", params={"maxRecords": 5})
    second = writer.get(
        f"/jobs/query/{job_id}/results",
        params={"maxRecords": 5000, "locator": first.headers["Sforce-Locator"]},
    )

    whole = len(writer.rows("SELECT Id FROM User"))
    assert first.text.splitlines()[0] == '"Id","Profile.Name"'
    assert first.headers["Sforce-NumberOfRecords"] == "5"
    assert int(second.headers["Sforce-NumberOfRecords"]) == whole - 5
    assert second.headers["Sforce-Locator"] == "null"


@pytest.fixture
def salesforce(sandbox_tls: RunningSandbox) -> Any:
    """simple-salesforce, signed in to the sandbox over TLS."""
    session = requests.Session()
    session.trust_env = False  # REQUESTS_CA_BUNDLE would silently replace `verify`
    session.verify = sandbox_tls.verify
    token = log_in_as_app(sandbox_tls, "Nightly Import").token
    return Salesforce(
        instance_url=sandbox_tls.url, session_id=token, session=session, version="62.0"
    )


def test_simple_salesforce_runs_bulk_both_ways(salesforce: Any) -> None:
    rows = [{"LastName": f"Simple-{number}"} for number in range(3)]

    [told] = salesforce.bulk2.Contact.insert(records=rows, wait=0.1)
    pages = salesforce.bulk2.Contact.query(
        "SELECT Id, LastName FROM Contact WHERE LastName LIKE 'Simple-%'", wait=0.1
    )

    assert (told["numberRecordsTotal"], told["numberRecordsFailed"]) == (3, 0)
    names = [row["LastName"] for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert sorted(names) == ["Simple-0", "Simple-1", "Simple-2"]
