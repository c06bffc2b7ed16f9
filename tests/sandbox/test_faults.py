"""Faults: each strikes as it says, when it says, where it says."""

import time

import pytest
import requests

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import JWT_BEARER, OrgClient, ask_token, assertion


@pytest.mark.parametrize(("fault", "status"), [("session_expired_html", 401), ("html_ok", 200)])
def test_html_comes_instead_of_json(org: OrgClient, fault: str, status: int) -> None:
    org.sandbox.fault(fault)
    answer = org.get("/limits")
    assert (answer.status_code, answer.text[:6]) == (status, "<html>")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_lasting_fault_strikes_until_it_is_cleared(org: OrgClient) -> None:
    org.sandbox.fault("server_unavailable", when="always", path="/limits")
    assert [org.get("/limits").status_code for _ in range(3)] == [503] * 3
    assert org.get("/sobjects").status_code == 200
    org.sandbox.clear_faults()
    assert org.get("/limits").status_code == 200


def test_the_nth_request_alone_fails(org: OrgClient) -> None:
    org.sandbox.fault("lock_row", when="nth", n=3, path="/limits")
    assert [org.get("/limits").status_code for _ in range(4)] == [200, 200, 400, 200]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("token_expired", "invalid_grant"),
        ("token_user_not_approved", "invalid_grant"),
        ("token_app_access", "invalid_app_access"),
        ("token_inactive_user", "inactive_user"),
        ("token_ip_restricted", "invalid_grant"),
        ("token_rate_limited", "invalid_grant"),
    ],
)
def test_the_token_endpoint_fails_alone(org: OrgClient, fault: str, error: str) -> None:
    org.sandbox.fault(fault)
    assert org.get("/limits").status_code == 200
    signed = assertion(org.sandbox)
    answer = ask_token(org.sandbox, grant_type=JWT_BEARER, assertion=signed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_dropped_connection_brings_no_answer(org: OrgClient) -> None:
    org.sandbox.fault("drop")
    with pytest.raises(requests.ConnectionError):
        org.get("/limits")
    assert org.get("/limits").status_code == 200


def test_a_hang_outlasts_an_impatient_client(org: OrgClient) -> None:
    org.sandbox.fault("hang", seconds=3)
    with pytest.raises(requests.Timeout):
        org.get("/limits", timeout=0.3)


def test_a_hang_ends_in_the_true_answer(org: OrgClient) -> None:
    org.sandbox.fault("hang", seconds=0.4)
    begun = time.monotonic()
    assert org.get("/limits").status_code == 200
    assert time.monotonic() - begun >= 0.4


def test_a_listing_fails_between_its_pages(org: OrgClient) -> None:
    org.sandbox.seed(tokens=600)
    org.sandbox.fault("page_lost")
    first = org.query("SELECT Id FROM OauthToken").json()
    assert first["done"] is False
    assert org.get(first["nextRecordsUrl"]).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert org.get(first["nextRecordsUrl"]).status_code == 200


def test_a_truncated_listing_looks_whole_and_is_not(org: OrgClient) -> None:
    org.sandbox.fault("truncated_tokens")
    short = org.query("SELECT Id FROM OauthToken").json()
    assert (short["totalSize"], short["done"], len(short["records"])) == (30, True, 30)
    assert org.query("SELECT Id FROM OauthToken").json()["totalSize"] == 60


def test_an_unknown_fault_is_refused_with_the_known_ones(sandbox_org: RunningSandbox) -> None:
    with pytest.raises(AssertionError, match="session_expired"):
        sandbox_org.fault("gremlins")


def test_the_admin_routes_need_the_key(sandbox_org: RunningSandbox) -> None:
    url = f"{sandbox_org.url}/_sandbox/faults"
    answer = requests.post(url, json={"fault": "drop"}, timeout=10)
    assert answer.status_code == 403
    assert sandbox_org.state()["faults"] == []


def test_faults_do_not_strike_the_admin_routes(sandbox_org: RunningSandbox) -> None:
    sandbox_org.fault("server_unavailable", when="always")
    assert sandbox_org.state()["faults"][0]["seen"] == 0


def test_a_missing_permission_is_told_apart_from_a_spent_allowance(org: OrgClient) -> None:
    org.sandbox.admin("POST", "limits", json={"daily_api_requests": 5, "used": 3})
    statuses = [org.get("/limits") for _ in range(3)]
    assert [each.status_code for each in statuses] == [200, 200, 403]
    assert statuses[1].headers["Sforce-Limit-Info"] == "api-usage=5/5"
    assert statuses[2].json() == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]


def test_every_call_is_counted_and_told(org: OrgClient) -> None:
    used = [org.get("/limits").headers["Sforce-Limit-Info"] for _ in range(2)]
    assert used == ["api-usage=1/114000", "api-usage=2/114000"]
    assert org.get("/limits").json()["DailyApiRequests"] == {"Max": 114000, "Remaining": 113997}
