"""Refresh tokens: rotation, and what happens to one used twice."""

from typing import Any

import pytest
import requests

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import OrgClient, app_named, ask_token, log_in

USER = "aisha.rahman@acme-prod.example.com"


def consent(sandbox: RunningSandbox, app: str) -> dict[str, Any]:
    granted: dict[str, Any] = sandbox.admin(
        "POST", "authorize", json={"app": app, "username": USER}
    )
    return granted


def refresh(sandbox: RunningSandbox, app: str, token: str) -> requests.Response:
    found = app_named(sandbox, app)
    return ask_token(
        sandbox,
        grant_type="refresh_token",
        refresh_token=token,
        client_id=found["consumer_key"],
        client_secret=found["consumer_secret"],
    )


def is_live(sandbox: RunningSandbox, token: str) -> bool:
    return OrgClient(sandbox=sandbox, token=token).get("/sobjects").status_code == 200


def test_a_refresh_brings_a_new_pair_where_tokens_rotate(sandbox_org: RunningSandbox) -> None:
    first = consent(sandbox_org, "Contract Copilot")["refresh_token"]
    answer = refresh(sandbox_org, "Contract Copilot", first).json()
    assert answer["refresh_token"] != first
    assert is_live(sandbox_org, answer["access_token"])


def test_a_refresh_keeps_the_token_where_they_do_not_rotate(
    sandbox_org: RunningSandbox,
) -> None:
    first = consent(sandbox_org, "Heroku Sync")["refresh_token"]
    answer = refresh(sandbox_org, "Heroku Sync", first)
    assert "refresh_token" not in answer.json()
    assert refresh(sandbox_org, "Heroku Sync", first).status_code == 200


def test_a_refresh_token_used_twice_ends_everything_that_came_of_it(
    sandbox_org: RunningSandbox,
) -> None:
    first = consent(sandbox_org, "Contract Copilot")["refresh_token"]
    second = refresh(sandbox_org, "Contract Copilot", first).json()
    reused = refresh(sandbox_org, "Contract Copilot", first)
    assert reused.json() == {
        "error": "invalid_grant",
        "error_description": "expired access/refresh token",
    }
    assert not is_live(sandbox_org, second["access_token"])
    later = refresh(sandbox_org, "Contract Copilot", second["refresh_token"])
    assert later.json()["error"] == "invalid_grant"


def test_another_app_cannot_use_the_refresh_token(sandbox_org: RunningSandbox) -> None:
    token = consent(sandbox_org, "Contract Copilot")["refresh_token"]
    assert refresh(sandbox_org, "Heroku Sync", token).status_code == 400
    assert refresh(sandbox_org, "Contract Copilot", token).status_code == 200


@pytest.mark.parametrize("times", [7])
def test_a_user_keeps_at_most_five_tokens_of_one_app(
    sandbox_org: RunningSandbox, times: int
) -> None:
    granted = [consent(sandbox_org, "HR Insights") for _ in range(times)]
    rows = log_in(sandbox_org).rows(
        f"SELECT Id FROM OauthToken WHERE AppName = 'HR Insights' AND User.Username = '{USER}'"
    )
    assert {row["Id"] for row in rows} == {each["grant_id"] for each in granted[-5:]}


def test_revoking_a_refresh_token_ends_its_access_tokens(sandbox_org: RunningSandbox) -> None:
    granted = consent(sandbox_org, "Contract Copilot")
    requests.post(
        f"{sandbox_org.url}/services/oauth2/revoke",
        data={"token": granted["refresh_token"]},
        timeout=10,
    )
    assert not is_live(sandbox_org, granted["access_token"])
