"""Event log files: made-up history, and what really came."""

import csv
import io
from datetime import datetime

import pytest

from tests.sandbox.client import OrgClient, log_in, log_in_as_app

FILES = "SELECT Id, EventType, LogDate, LogFile, Interval, CreatedDate FROM EventLogFile"


def rows_of(org: OrgClient, file_id: str) -> list[dict[str, str]]:
    answer = org.get(f"/sobjects/EventLogFile/{file_id}/LogFile")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_month_of_days_and_a_day_of_hours_are_there(org: OrgClient) -> None:
    rows = org.rows(f"{FILES} WHERE EventType = 'ApiTotalUsage' ORDER BY CreatedDate, Id")

    assert [row["Interval"] for row in rows].count("Daily") == 30
    assert [row["Interval"] for row in rows].count("Hourly") == 22
    assert rows[0]["LogFile"].endswith(f"{rows[0]['Id']}/LogFile")


def test_the_same_file_says_the_same_each_time(org: OrgClient) -> None:
    [file] = org.rows(f"{FILES} WHERE Interval = 'Daily' AND EventType = 'ApiTotalUsage' LIMIT 1")

    first, second = rows_of(org, file["Id"]), rows_of(org, file["Id"])

    assert first == second
    assert len(first) > 50
    assert {row["CONNECTED_APP_NAME"] for row in first} >= {"Contract Copilot", "Heroku Sync"}


def test_a_call_is_found_by_its_request_id_and_of_a_composite_only_the_parent(
    org: OrgClient,
) -> None:
    part = {
        "method": "GET",
        "referenceId": "a",
        "url": "/services/data/v62.0/query?q=SELECT+Id+FROM+Account",
    }
    org.query("SELECT Id FROM Case LIMIT 1", headers={"X-SFDC-REQUEST-ID": "a" * 32})
    org.send(
        "POST",
        "/composite",
        json={"compositeRequest": [part]},
        headers={"X-SFDC-REQUEST-ID": "b" * 32},
    )
    files = org.sandbox.admin("POST", "event_logs", json={})["files"]
    [file] = [
        row["Id"]
        for row in org.rows(f"{FILES} WHERE EventType = 'ApiTotalUsage' AND Interval = 'Hourly'")
        if row["Id"] in files
    ]

    ours = {row["REQUEST_ID"]: row for row in rows_of(org, file)}

    assert ours["a" * 32]["ENTITY_NAME"] == "Case"
    assert ours["b" * 32]["API_RESOURCE"] == "/v62.0/composite"
    assert not any(
        row["ENTITY_NAME"] == "Account" for row in ours.values() if row["REQUEST_ID"] == "b" * 32
    )


def test_a_file_delivered_again_has_a_newer_date_and_the_same_id(org: OrgClient) -> None:
    [before] = org.rows(f"{FILES} WHERE Interval = 'Daily' ORDER BY CreatedDate LIMIT 1")

    org.sandbox.admin("POST", "event_logs", json={"again": before["Id"]})

    [after] = org.rows(f"{FILES} WHERE Id = '{before['Id']}'")
    assert after["CreatedDate"] > before["CreatedDate"]


def test_without_the_permission_there_are_no_files(writer: OrgClient) -> None:
    answer = writer.query(FILES)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


@pytest.mark.parametrize(
    ("event_type", "when", "column", "expected"),
    [
        ("API", (0, 2), "METHOD_NAME", "describeSObjects"),
        ("BulkApi2", (6, 1), "OPERATION_TYPE", "QUERY"),
        ("Logout", (2, 17), "USER_INITIATED_LOGOUT", "1"),
        ("ReportExport", (2, 9), "REPORT_DESCRIPTION", "Open cases by owner"),
        ("ApexCallout", (2, 10), "URL", '"https://api.openai.com"'),
        ("NamedCredential", (2, 10), "NAMED_CREDENTIAL_NAME", "Payroll"),
    ],
)
def test_what_happens_now_and_then_has_a_file_of_its_day(
    org: OrgClient, event_type: str, when: tuple[int, int], column: str, expected: str
) -> None:
    weekday, hour = when
    files = org.rows(f"{FILES} WHERE EventType = '{event_type}' AND Interval = 'Daily'")
    days = {datetime.fromisoformat(row["LogDate"]).weekday() for row in files}
    assert weekday in days and 3 <= len(files) <= 22
    [file, *_] = [
        row for row in files if datetime.fromisoformat(row["LogDate"]).weekday() == weekday
    ]

    told = rows_of(org, file["Id"])

    assert expected in {row[column] for row in told}
    assert {row["TIMESTAMP"][8:10] for row in told} == {f"{hour:02d}"}
    assert {row["EVENT_TYPE"] for row in told} == {event_type}


def test_a_sign_in_and_a_bulk_job_are_in_the_files_of_their_hour(writer: OrgClient) -> None:
    made = writer.send(
        "POST", "/jobs/query", json={"operation": "query", "query": "SELECT Id FROM Account"}
    )
    org = log_in(writer.sandbox)
    delivered = set(org.sandbox.admin("POST", "event_logs", json={})["files"])
    found = {
        row["EventType"]: row["Id"]
        for row in org.rows(f"{FILES} WHERE Interval = 'Hourly'")
        if row["Id"] in delivered
    }

    jobs, logins = rows_of(org, found["BulkApi2"]), rows_of(org, found["Login"])

    assert made.status_code == 200
    assert "QUERY" in {row["OPERATION_TYPE"] for row in jobs}
    assert "OAuth JWT Bearer" in {row["LOGIN_SUB_TYPE"] for row in logins}


def test_the_calls_of_the_last_day_can_be_queried_without_a_file(org: OrgClient) -> None:
    org.query("SELECT Id FROM Case LIMIT 1", headers={"X-SFDC-REQUEST-ID": "c" * 32})
    log = "FROM ApiTotalUsageEventLog"

    [row] = org.rows(
        f"SELECT ApiFamily, ObjectName, HttpMethod, StatusCode {log} "
        f"WHERE RequestIdentifier = '{'c' * 32}'"
    )

    assert (row["ApiFamily"], row["ObjectName"], row["StatusCode"]) == ("REST", "Case", 200)
    assert org.query(f"SELECT COUNT() {log}").json()["totalSize"] > 100
    assert log_in_as_app(org.sandbox, "Nightly Import").query(f"SELECT Id {log}").status_code == 400
