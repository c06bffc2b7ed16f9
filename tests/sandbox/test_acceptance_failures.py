"""Failures a stand-in org has to be able to have: in the platform's words, and without any."""

import pytest
import requests

from tests.sandbox.client import OrgClient, log_in

FAILURES = {
    "session_expired": (401, "INVALID_SESSION_ID"),
    "session_expired_html": (401, "<html>"),
    "request_limit": (403, "TotalRequests Limit exceeded."),
    "concurrent_limit": (403, "ConcurrentPerOrgLongTxn Limit exceeded"),
    "server_unavailable": (503, "SERVER_UNAVAILABLE"),
    "lock_row": (400, "UNABLE_TO_LOCK_ROW"),
    "validation": (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    "insufficient_access": (403, "INSUFFICIENT_ACCESS"),
    "api_disabled": (403, "API_DISABLED_FOR_ORG"),
}


@pytest.mark.parametrize("when", ["once", "always"])
@pytest.mark.parametrize("fault", FAILURES)
def test_what_fails_fails_in_the_platforms_words(
    over_plain: OrgClient, fault: str, when: str
) -> None:
    status, words = FAILURES[fault]
    over_plain.sandbox.fault(fault, when=when, path="/limits")
    try:
        first, second = (over_plain.get("/limits") for _ in range(2))
    finally:
        over_plain.sandbox.clear_faults()
    assert (first.status_code, words in first.text) == (status, True)
    assert second.status_code == (status if when == "always" else 200)


@pytest.mark.parametrize("fault", ["drop", "hang", "answer_lost", "answer_cut"])
def test_answers_that_never_come(over_plain: OrgClient, fault: str) -> None:
    over_plain.sandbox.fault(fault, path="/limits", seconds=2)
    with pytest.raises(requests.RequestException):
        over_plain.get("/limits", timeout=0.4)
    assert over_plain.get("/limits").ok


def test_a_token_is_stale_and_a_list_breaks_off(over_plain: OrgClient) -> None:
    over_plain.sandbox.fault("token_stale")
    stale = log_in(over_plain.sandbox)
    assert stale.get("/limits").status_code == 401
    over_plain.sandbox.seed(records={"Case": [{"Subject": f"No. {each}"} for each in range(250)]})
    pages = {"Sforce-Query-Options": "batchSize=200"}
    first = over_plain.query("SELECT Id FROM Case", headers=pages).json()
    assert first["done"] is False
    over_plain.sandbox.fault("server_unavailable", when="mid_page")
    assert over_plain.get(first["nextRecordsUrl"]).status_code == 503
    assert over_plain.get(first["nextRecordsUrl"]).json()["done"] is True
