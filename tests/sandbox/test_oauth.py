"""Tokens: who gets one, what it says, and how it ends."""

import base64
import hashlib
import hmac
import re
import time

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import (
    JWT_BEARER,
    OrgClient,
    app_named,
    ask_token,
    assertion,
    log_in,
    log_in_as_app,
)

EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_a_signed_assertion_brings_an_access_token(sandbox_org: RunningSandbox) -> None:
    answer = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=assertion(sandbox_org))
    body = answer.json()
    assert list(body) == ["access_token", "scope", "instance_url", "id", "token_type"]
    assert re.fullmatch(r"(00D\w{12,15})![.\w]*", body["access_token"])
    assert body["instance_url"] == sandbox_org.url
    assert body["scope"] == "api refresh_token offline_access"


@pytest.mark.parametrize(
    "expiry",
    [
        lambda now: str(int(now) + 180),
        int,
        lambda now: int((now + 300) * 1000),
        lambda now: now - 60,
    ],
    ids=["text", "now", "milliseconds", "a minute ago"],
)
def test_the_expiry_is_read_as_real_clients_write_it(
    sandbox_org: RunningSandbox, expiry: "object"
) -> None:
    assert callable(expiry)
    signed = assertion(sandbox_org, exp=expiry(time.time()))
    assert ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=signed).status_code == 200


def test_a_long_expired_assertion_is_refused(sandbox_org: RunningSandbox) -> None:
    signed = assertion(sandbox_org, exp=int(time.time()) - 3600)
    answer = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=signed)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_an_assertion_signed_with_another_key_is_refused(sandbox_org: RunningSandbox) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(assertion(sandbox_org), options={"verify_signature": False})
    forged = jwt.encode(claims, other, algorithm="RS256")
    answer = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=forged)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "invalid assertion",
    }


def test_an_unsigned_assertion_is_refused(sandbox_org: RunningSandbox) -> None:
    claims = jwt.decode(assertion(sandbox_org), options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none")
    answer = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=unsigned)
    assert answer.status_code == 400


@pytest.mark.parametrize("audience", ["own", "https://test.salesforce.com"])
def test_the_audience_may_be_the_org_itself_or_a_login_host(
    sandbox_org: RunningSandbox, audience: str
) -> None:
    wanted = sandbox_org.url if audience == "own" else audience
    signed = assertion(sandbox_org, aud=wanted)
    assert ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=signed).status_code == 200


def test_another_audience_is_refused(sandbox_org: RunningSandbox) -> None:
    signed = assertion(sandbox_org, aud="https://elsewhere.example.com")
    answer = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=signed)
    assert answer.json()["error_description"] == "Audience validation failed"


def test_an_unknown_consumer_is_refused(sandbox_org: RunningSandbox) -> None:
    signed = assertion(sandbox_org, iss="3MVG9nobody")
    answer = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=signed)
    assert answer.json()["error"] == "invalid_client_id"


def test_an_unknown_user_has_not_approved_the_app(sandbox_org: RunningSandbox) -> None:
    signed = assertion(sandbox_org, sub="nobody@acme-prod.example.com")
    answer = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=signed)
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "user hasn't approved this consumer",
    }


def test_a_user_the_administrator_did_not_approve_is_refused(
    sandbox_org: RunningSandbox,
) -> None:
    signed = assertion(sandbox_org, sub="svc-heroku@acme-prod.example.com")
    answer = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=signed)
    assert answer.json() == {
        "error": "invalid_app_access",
        "error_description": "user is not admin approved to access this app",
    }


def test_an_inactive_user_is_refused(sandbox_org: RunningSandbox) -> None:
    signed = assertion(sandbox_org, sub="pieter.devries@acme-prod.example.com")
    answer = ask_token(sandbox_org, grant_type=JWT_BEARER, assertion=signed)
    assert answer.json()["error"] == "inactive_user"


def test_client_credentials_answer_with_a_signature_that_checks(
    sandbox_org: RunningSandbox,
) -> None:
    app = app_named(sandbox_org, "Heroku Sync")
    body = ask_token(
        sandbox_org,
        grant_type="client_credentials",
        client_id=app["consumer_key"],
        client_secret=app["consumer_secret"],
    ).json()
    message = (body["id"] + body["issued_at"]).encode()
    digest = hmac.new(app["consumer_secret"].encode(), message, hashlib.sha256).digest()
    assert body["signature"] == base64.b64encode(digest).decode()
    assert body["api_instance_url"] == sandbox_org.url
    assert "refresh_token" not in body


def test_client_credentials_may_come_in_a_basic_header(sandbox_org: RunningSandbox) -> None:
    app = app_named(sandbox_org, "Heroku Sync")
    answer = requests.post(
        f"{sandbox_org.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(app["consumer_key"], app["consumer_secret"]),
        timeout=10,
    )
    assert answer.status_code == 200


def test_a_wrong_secret_is_refused(sandbox_org: RunningSandbox) -> None:
    app = app_named(sandbox_org, "Heroku Sync")
    answer = ask_token(
        sandbox_org,
        grant_type="client_credentials",
        client_id=app["consumer_key"],
        client_secret="guess",
    )
    assert answer.json() == {
        "error": "invalid_client",
        "error_description": "invalid client credentials",
    }


def test_an_app_without_a_run_as_user_has_no_client_credentials(
    sandbox_org: RunningSandbox,
) -> None:
    app = app_named(sandbox_org, "HR Insights")
    answer = ask_token(
        sandbox_org,
        grant_type="client_credentials",
        client_id=app["consumer_key"],
        client_secret=app["consumer_secret"],
    )
    assert answer.json()["error_description"] == "no client credentials user enabled"


def test_a_password_grant_is_not_supported(sandbox_org: RunningSandbox) -> None:
    answer = ask_token(sandbox_org, grant_type="password", username="a", password="b")
    assert answer.json() == {
        "error": "unsupported_grant_type",
        "error_description": "grant type not supported",
    }


@pytest.mark.parametrize("scheme", ["Bearer", "OAuth", "bearer"])
def test_both_authorization_schemes_are_accepted(org: OrgClient, scheme: str) -> None:
    answer = org.get("/limits", headers={"Authorization": f"{scheme} {org.token}"})
    assert answer.status_code == 200


def test_a_revoked_access_token_is_an_invalid_session(org: OrgClient) -> None:
    url = f"{org.sandbox.url}/services/oauth2/revoke"
    assert requests.post(url, data={"token": org.token}, timeout=10).status_code == 200
    answer = org.get("/limits")
    assert (answer.status_code, answer.json()) == (401, EXPIRED)


def test_an_unknown_token_cannot_be_revoked(sandbox_org: RunningSandbox) -> None:
    url = f"{sandbox_org.url}/services/oauth2/revoke"
    answer = requests.get(url, params={"token": "nothing"}, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_token_type")


def test_a_delete_token_ends_the_grant_and_its_sessions(org: OrgClient) -> None:
    row = org.rows(
        "SELECT Id, DeleteToken FROM OauthToken WHERE AppName = 'Bailiwick Console'"
    )[0]  # fmt: skip
    url = f"{org.sandbox.url}/services/oauth2/revoke"
    requests.post(url, data={"token": row["DeleteToken"]}, timeout=10)
    assert org.get("/limits").status_code == 401
    left = log_in(org.sandbox).rows(f"SELECT Id FROM OauthToken WHERE Id = '{row['Id']}'")
    assert left == []


def test_a_session_ends_with_time(org: OrgClient) -> None:
    org.sandbox.admin("POST", "clock", json={"advance_seconds": 2 * 3600 + 1})
    assert org.get("/limits").json() == EXPIRED


def test_a_session_ends_when_its_user_is_frozen(org: OrgClient) -> None:
    sync = log_in_as_app(org.sandbox, "Case Summariser")
    assert sync.rows("SELECT Id FROM Case LIMIT 1")
    login = org.rows(
        "SELECT Id FROM UserLogin WHERE User.Username = 'svc-llm-sync@acme-prod.example.com'"
    )[0]
    org.send("PATCH", f"/sobjects/UserLogin/{login['Id']}", json={"IsFrozen": True})
    assert sync.query("SELECT Id FROM Case LIMIT 1").json() == EXPIRED


def test_introspection_tells_of_the_apps_own_tokens_only(org: OrgClient) -> None:
    info = org.sandbox.info
    url = f"{org.sandbox.url}/services/oauth2/introspect"
    own = (info["consumer_key"], info["consumer_secret"])
    facts = requests.post(url, data={"token": org.token}, auth=own, timeout=10).json()
    assert list(facts) == [
        "active", "scope", "client_id", "username", "sub", "token_type", "exp", "iat", "nbf",
    ]  # fmt: skip
    assert (facts["active"], facts["username"]) == (True, info["username"])
    other = app_named(org.sandbox, "Heroku Sync")
    foreign = requests.post(
        url,
        data={"token": org.token},
        auth=(other["consumer_key"], other["consumer_secret"]),
        timeout=10,
    )
    assert foreign.json() == {"active": False}


def test_identity_userinfo_and_discovery_agree(org: OrgClient) -> None:
    base = org.sandbox.url
    discovered = requests.get(f"{base}/.well-known/openid-configuration", timeout=10).json()
    header = {"Authorization": f"Bearer {org.token}"}
    info = requests.get(discovered["userinfo_endpoint"], headers=header, timeout=10).json()
    identity = requests.get(info["sub"], headers=header, timeout=10).json()
    assert identity["username"] == info["preferred_username"] == org.sandbox.info["username"]
    assert identity["organization_id"] == org.sandbox.info["org_id"]


def test_userinfo_without_a_live_token_is_refused(sandbox_org: RunningSandbox) -> None:
    answer = requests.get(
        f"{sandbox_org.url}/services/oauth2/userinfo",
        headers={"Authorization": "Bearer nothing"},
        timeout=10,
    )
    assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")


def test_a_login_leaves_a_trace(org: OrgClient) -> None:
    found = org.rows(
        "SELECT Application, LoginType, Status FROM LoginHistory "
        "WHERE LoginSubType = 'OAuth JWT Bearer' AND LoginTime = TODAY"
    )
    assert [row["Status"] for row in found] == ["Success"]


def test_the_scopes_of_the_app_are_in_the_token_and_change_with_it(
    sandbox_org: RunningSandbox,
) -> None:
    app = app_named(sandbox_org, "Contract Copilot")
    form = {
        "grant_type": "client_credentials",
        "client_id": app["consumer_key"],
        "client_secret": app["consumer_secret"],
    }
    before = ask_token(sandbox_org, **form).json()["scope"]
    assert before == "api full refresh_token offline_access einstein_gpt_api"
    wanted = {
        "sobject": "ExtlClntAppOauthSettings",
        "where": {"MasterLabel": "Contract Copilot"},
        "values": {"OauthScopesFULL": False},
    }
    sandbox_org.admin("POST", "change", json=wanted)
    after = ask_token(sandbox_org, **form).json()["scope"]
    assert after == "api refresh_token offline_access einstein_gpt_api"
