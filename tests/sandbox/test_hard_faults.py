"""Faults that leave doubt: lost answers, half lists, deletes that delete nothing, broken jobs."""

from typing import Any

import pytest
import requests

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import JWT_BEARER, OrgClient, ask_token, assertion, log_in

USAGE = "/apps/oauth/usage"


@pytest.mark.parametrize("fault", ["server_unavailable", "session_expired", "request_limit"])
def test_any_failure_can_come_in_the_middle_of_a_list(org: OrgClient, fault: str) -> None:
    org.sandbox.seed(tokens=1200)
    org.sandbox.fault(fault, when="mid_page", n=2)
    first = org.query("SELECT Id FROM OauthToken").json()
    second = org.get(first["nextRecordsUrl"])
    assert (second.status_code, len(second.json()["records"])) == (200, 500)
    assert org.get(second.json()["nextRecordsUrl"]).status_code in {401, 403, 503}
    assert org.get(second.json()["nextRecordsUrl"]).status_code == 200


def test_a_failure_in_the_middle_reaches_every_kind_of_list(org: OrgClient) -> None:
    org.sandbox.fault("server_unavailable", when="mid_page")
    page = {"page": "1", "pageSize": "3"}
    assert org.get(USAGE, params=page | {"page": "0"}).status_code == 200
    assert org.get(USAGE, params=page).status_code == 503


@pytest.mark.parametrize("fault", ["answer_lost", "answer_cut"])
def test_an_answer_is_lost_though_the_work_is_done(writer: OrgClient, fault: str) -> None:
    writer.sandbox.fault(fault, path="/sobjects/Account", method="POST")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        writer.send("POST", "/sobjects/Account", json={"Name": "Twice?"})
    assert len(writer.rows("SELECT Id FROM Account WHERE Name = 'Twice?'")) == 1


def test_a_delete_is_confirmed_and_the_record_stays(writer: OrgClient) -> None:
    ids = [each["Id"] for each in writer.rows("SELECT Id FROM Contact LIMIT 3")]
    writer.sandbox.fault("delete_ignored")
    assert writer.send("DELETE", f"/sobjects/Contact/{ids[0]}").status_code == 204
    assert writer.get(f"/sobjects/Contact/{ids[0]}").status_code == 200
    writer.sandbox.fault("delete_ignored", when="nth", n=2)
    several = {"ids": ",".join(ids)}
    told = writer.send("DELETE", "/composite/sobjects", params=several).json()
    assert [each["success"] for each in told] == [True] * 3
    left = [writer.get(f"/sobjects/Contact/{each}").status_code for each in ids]
    assert left == [404, 200, 404]


def test_a_revoked_token_is_still_there(org: OrgClient) -> None:
    def tokens() -> int:
        return int(org.query("SELECT COUNT() FROM OauthToken").json()["totalSize"])

    before, app = tokens(), org.get(USAGE).json()["apps"][0]["identifier"]
    org.sandbox.fault("delete_ignored")
    assert org.send("DELETE", f"{USAGE}/{app}/tokens").status_code == 204
    held = org.rows("SELECT DeleteToken FROM OauthToken LIMIT 1")[0]["DeleteToken"]
    org.sandbox.fault("delete_ignored")
    revoke = "/services/oauth2/revoke"
    assert org.send("POST", revoke, data={"token": held}).status_code == 200
    assert tokens() == before


def test_one_record_of_a_collection_is_locked(writer: OrgClient) -> None:
    writer.sandbox.fault("lock_collection_row", when="nth", n=2)
    rows = [{"attributes": {"type": "Account"}, "Name": f"Locked {each}"} for each in range(3)]
    told = writer.send("POST", "/composite/sobjects", json={"records": rows}).json()
    assert [each["success"] for each in told] == [True, False, True]
    assert told[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"


def _job(org: OrgClient, rows: int) -> dict[str, Any]:
    made = org.send("POST", "/jobs/ingest", json={"object": "Contact", "operation": "insert"})
    path = f"/jobs/ingest/{made.json()['id']}"
    table = "LastName\n" + "".join(f"Half {number}\n" for number in range(rows))
    org.send("PUT", f"{path}/batches", data=table, headers={"Content-Type": "text/csv"})
    org.send("PATCH", path, json={"state": "UploadComplete"})
    org.get(path)
    job: dict[str, Any] = org.get(path).json()
    return job


def test_a_job_breaks_off_half_way_and_says_what_it_left(writer: OrgClient) -> None:
    writer.sandbox.fault("fail_bulk_job")
    job = _job(writer, 6)
    assert (job["state"], job["numberRecordsProcessed"]) == ("Failed", 3)
    left = writer.get(f"/jobs/ingest/{job['id']}/unprocessedrecords").text.splitlines()
    assert left == ['"LastName"', '"Half 3"', '"Half 4"', '"Half 5"']
    assert len(writer.rows("SELECT Id FROM Contact WHERE LastName LIKE 'Half %'")) == 3


def test_a_token_is_dead_when_it_comes(sandbox_org: RunningSandbox) -> None:
    sandbox_org.fault("token_stale")
    assert log_in(sandbox_org).get("/limits").status_code == 401
    assert log_in(sandbox_org).get("/limits").status_code == 200


def test_a_token_sends_its_holder_to_another_host(sandbox_org: RunningSandbox) -> None:
    sandbox_org.fault("token_other_instance")
    signed = assertion(sandbox_org)
    told = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=signed).json()
    assert told["instance_url"] == "https://elsewhere.example.net"


def test_an_org_that_moved_redirects(org: OrgClient) -> None:
    org.sandbox.fault("moved")
    answer = org.get("/limits", allow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith("https://moved.")


@pytest.mark.parametrize("wrong", [{"n": 0}, {"seconds": -1}, {"when": "sometimes"}])
def test_a_fault_that_could_never_strike_is_refused(
    sandbox_org: RunningSandbox, wrong: dict[str, Any]
) -> None:
    with pytest.raises(AssertionError, match=next(iter(wrong))):
        sandbox_org.fault("drop", **wrong)
