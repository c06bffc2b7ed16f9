"""The token-exchange grant: for the same user, where the app's policy allows it."""

import requests

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import OrgClient, app_named, ask_token, log_in_as_app

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


def exchanged(
    sandbox: RunningSandbox, subject: str, *, kind: str = ACCESS_TOKEN
) -> requests.Response:
    app = app_named(sandbox, "Contract Copilot")
    return ask_token(
        sandbox,
        grant_type=EXCHANGE,
        client_id=app["consumer_key"],
        client_secret=app["consumer_secret"],
        subject_token=subject,
        subject_token_type=kind,
    )


def allow(sandbox: RunningSandbox) -> None:
    values = {"IsTokenExchangeFlowEnabled": True}
    where = {"DeveloperName": "Contract_Copilot"}
    wanted = {"sobject": "ExtlClntAppOauthPlcyCnfg", "where": where, "values": values}
    assert sandbox.admin("POST", "change", json=wanted) == {"changed": 1}


def test_a_token_is_exchanged_for_one_of_the_same_user(sandbox_org: RunningSandbox) -> None:
    allow(sandbox_org)
    subject = log_in_as_app(sandbox_org, "Contract Copilot").token
    told = exchanged(sandbox_org, subject).json()
    assert told["issued_token_type"] == ACCESS_TOKEN
    assert told["access_token"] != subject
    fresh = OrgClient(sandbox=sandbox_org, token=told["access_token"])
    assert fresh.query("SELECT Id FROM Case LIMIT 1").status_code == 200


def test_an_exchange_needs_the_policy_a_live_token_and_an_approved_user(
    sandbox_org: RunningSandbox,
) -> None:
    subject = log_in_as_app(sandbox_org, "Contract Copilot").token
    assert "not enabled" in exchanged(sandbox_org, subject).json()["error_description"]
    allow(sandbox_org)
    assert exchanged(sandbox_org, "gone").json()["error"] == "invalid_grant"
    assert exchanged(sandbox_org, subject, kind="saml2").json()["error"] == "invalid_request"
    stranger = log_in_as_app(sandbox_org, "Nightly Import").token
    assert exchanged(sandbox_org, stranger).json()["error"] == "invalid_app_access"
