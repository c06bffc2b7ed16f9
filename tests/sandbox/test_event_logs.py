"""Event log files: made-up history, and what really came."""

import csv
import io

from tests.sandbox.client import OrgClient

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
