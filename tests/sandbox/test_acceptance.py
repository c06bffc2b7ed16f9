"""What a stand-in org has to do for the clients of others: one row for each thing, in few calls.

The rows look at one org that is seeded once; what they write does not disturb the others. Deeper
tests of each area stand in the files of their own.
"""

import base64
import hashlib
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.sandbox.client import (
    JWT_BEARER,
    OrgClient,
    app_named,
    ask_token,
    assertion,
    log_in,
    log_in_as_app,
)

Look = Callable[[OrgClient], object]
PRETTY = {"X-PrettyPrint": "1"}
BACK = "https://console.example.org/back"


def _in_pieces(org: OrgClient) -> int:
    """A body without a length, as several clients send theirs."""
    pieces = iter([b'{"Subject": "In', b' pieces"}'])
    kind = {"Content-Type": "application/json"}
    return org.send("POST", "/sobjects/Case/", data=pieces, headers=kind).status_code


def _total(org: OrgClient, soql: str) -> int:
    return int(org.query(soql).json()["totalSize"])


def _first_id(org: OrgClient) -> str:
    return str(org.rows("SELECT Id FROM User ORDER BY Id LIMIT 1")[0]["Id"])


FORMS: dict[str, tuple[Look, object]] = {
    "a body in pieces": (_in_pieces, 201),
    "a slash at the end": (lambda org: org.get("/limits/").status_code, 200),
    "doubled slashes": (lambda org: org.get("//sobjects//Case//describe").status_code, 200),
    "keywords in any case": (lambda org: _total(org, "select count() from User") > 5, True),
    "names in any case": (lambda org: len(org.rows("SELECT iD FROM aCCount LIMIT 1")), 1),
    "fields by alias": (lambda org: len(org.rows("SELECT c.Id FROM Case c LIMIT 1")), 1),
    "fields by object": (lambda org: len(org.rows("SELECT Case.Id FROM Case LIMIT 1")), 1),
    "on from an id": (
        lambda org: (
            _total(org, "SELECT COUNT() FROM User")
            - _total(org, f"SELECT COUNT() FROM User WHERE Id > '{_first_id(org)}'")
        ),
        1,
    ),
    "OAuth as the scheme": (
        lambda org: org.get("/limits", headers={"Authorization": f"OAuth {org.token}"}).status_code,
        200,
    ),
}


@pytest.mark.parametrize("what", FORMS)
@pytest.mark.parametrize("way", ["over_tls", "over_plain"])
def test_requests_come_in_many_forms(way: str, what: str, request: pytest.FixtureRequest) -> None:
    look, expected = FORMS[what]
    assert look(request.getfixturevalue(way)) == expected


@pytest.mark.parametrize("version", ["51.0", "59.0", "60.0", "62.0", "66.0", "67.0"])
def test_each_version_that_clients_ask_for_has_its_root(
    over_plain: OrgClient, version: str
) -> None:
    root = over_plain.get(f"/services/data/v{version}").json()
    assert {"identity", "query", "queryAll", "tooling", "limits", "sobjects"} <= set(root)
    assert root["query"] == f"/services/data/v{version}/query"
    assert version in [each["version"] for each in over_plain.get("/services/data").json()]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/services/data/v30.0/limits", (410, "UNSUPPORTED_API_VERSION")),
        ("/services/async/20.0/job", (400, "InvalidVersion")),
    ],
)
def test_retired_versions_say_so(over_plain: OrgClient, path: str, said: tuple[int, str]) -> None:
    answer = over_plain.get(path)
    assert (answer.status_code, said[1] in answer.text) == (said[0], True)


def _with_secret(org: OrgClient, **more: str) -> Any:
    app = app_named(org.sandbox, "Bailiwick Console")
    keys = {"client_id": app["consumer_key"], "client_secret": app["consumer_secret"]}
    return ask_token(org.sandbox, **keys, **more)


def _consented(org: OrgClient, **more: str) -> dict[str, str]:
    who = {"app": "Bailiwick Console", "username": org.sandbox.info["username"]}
    found: dict[str, str] = org.sandbox.admin("POST", "authorize", json=who | more)
    return found


def _by_code(org: OrgClient, verifier: str = "v" * 50) -> Any:
    digest = hashlib.sha256(b"v" * 50).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    code = _consented(org, redirect_uri=BACK, code_challenge=challenge)["code"]
    told = {"code": code, "redirect_uri": BACK, "code_verifier": verifier}
    return _with_secret(org, grant_type="authorization_code", **told)


def _refreshed(org: OrgClient) -> Any:
    token = _consented(org)["refresh_token"]
    return _with_secret(org, grant_type="refresh_token", refresh_token=token)


GRANTS: dict[str, Callable[[OrgClient], Any]] = {
    "jwt": lambda org: ask_token(
        org.sandbox,
        grant_type=JWT_BEARER,
        assertion=assertion(org.sandbox),
    ),
    "client credentials": lambda org: _with_secret(org, grant_type="client_credentials"),
    "code": _by_code,
    "refresh": _refreshed,
}


@pytest.mark.parametrize("grant", GRANTS)
def test_each_grant_brings_a_token_that_works(over_plain: OrgClient, grant: str) -> None:
    told = GRANTS[grant](over_plain).json()
    newcomer = OrgClient(sandbox=over_plain.sandbox, token=told["access_token"])
    assert newcomer.get("/limits").status_code == 200
    assert ("signature" in told) == (grant != "jwt")
    assert ("refresh_token" in told) == (grant in {"code", "refresh"})


def test_a_code_is_good_for_its_holder_and_once(over_plain: OrgClient) -> None:
    stolen = _by_code(over_plain, verifier="another")
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    code = _consented(over_plain, redirect_uri=BACK)["code"]
    told = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    assert [_with_secret(over_plain, **told).status_code for _ in range(2)] == [200, 400]


def _with_token(org: OrgClient, what: str) -> Any:
    app = app_named(org.sandbox, "Bailiwick Console")
    keys = {"client_id": app["consumer_key"], "client_secret": app["consumer_secret"]}
    return org.send("POST", f"/services/oauth2/{what}", data={"token": org.token, **keys})


FOUND: dict[str, Look] = {
    "userinfo": lambda org: org.get("/services/oauth2/userinfo").json()["active"],
    "discovery": lambda org: org.sandbox.url in _discovered(org)["token_endpoint"],
    "introspection": lambda org: _with_token(org, "introspect").json()["active"],
    "revocation": lambda org: _with_token(log_in(org.sandbox), "revoke").ok,
    "identity": lambda org: _told_at(org, org.get("").json()["identity"])["username"],
    "an expiry as text": lambda org: _signed(org, exp=str(_soon())),
    "an expiry in milliseconds": lambda org: _signed(org, exp=_soon() * 1000),
    "an expiry just past": lambda org: _signed(org, exp=_soon() - 200),
    "no other audience": lambda org: not _signed(org, aud="https://login.example.org"),
    "no other user": lambda org: not _signed(org, sub="nobody@example.org"),
    "a user by id": lambda org: org.get(f"/sobjects/User/{_own_id(org)}").json()["Username"],
    "no scratch orgs": lambda org: (
        org.query("SELECT Id FROM ScratchOrgInfo").json()[0]["errorCode"] == "INVALID_TYPE"
    ),
    "columns of a query": lambda org: org.get(
        "/query", params={"q": "SELECT Id FROM Case", "columns": "true"}
    ).json()["columnMetadata"],
    "whole describes": lambda org: (
        {"childRelationships", "fields", "urls", "recordTypeInfos", "supportedScopes"}
        <= set(org.get("/sobjects/Case/describe").json())
    ),
    "files of event logs come twice": lambda org: _delivered_twice(org) == 2,
    "a record as the platform spaces it": lambda org: (
        '"count" : ' in org.get("/limits/recordCount?sObjects=Case", headers=PRETTY).text
    ),
    "the order of an error's keys": lambda org: (
        [list(org.get(path).json()[0]) for path in ("/sobjects/Foo", "/query?q=SELECT+Id+FROM+Foo")]
        == [["errorCode", "message"], ["message", "errorCode"]]
    ),
}


@pytest.mark.parametrize("what", FOUND)
def test_clients_find_what_they_look_for(over_plain: OrgClient, what: str) -> None:
    assert FOUND[what](over_plain)


def _soon() -> int:
    return int(time.time()) + 180


def _signed(org: OrgClient, **claims: Any) -> bool:
    signed = assertion(org.sandbox, **claims)
    return ask_token(org.sandbox, grant_type=JWT_BEARER, assertion=signed).ok


def _told_at(org: OrgClient, url: str) -> Any:
    header = {"Authorization": f"Bearer {org.token}"}
    return requests.get(url, headers=header, timeout=10).json()


def _discovered(org: OrgClient) -> Any:
    return _told_at(org, f"{org.sandbox.url}/.well-known/openid-configuration")


def _own_id(org: OrgClient) -> str:
    return str(org.get("/services/oauth2/userinfo").json()["user_id"])


def _delivered_twice(org: OrgClient) -> int:
    made = [org.sandbox.admin("POST", "event_logs", json={"hours": 0})["files"] for _ in range(2)]
    soql = "SELECT Id, EventType FROM EventLogFile WHERE Interval = 'Hourly'"
    kinds = {row["Id"]: row["EventType"] for row in org.rows(soql)}
    return sum(kinds[each] == "ApiTotalUsage" for files in made for each in files)


@pytest.fixture(scope="module")
def many(over_plain: OrgClient) -> OrgClient:
    """A user who may write."""
    return log_in_as_app(over_plain.sandbox, "Nightly Import")


IN_QUANTITY: dict[str, Callable[[OrgClient], Any]] = {
    "bulk 2 in": lambda org: org.send(
        "POST", "/jobs/ingest", json={"object": "Contact", "operation": "insert"}
    ),
    "bulk 2 out": lambda org: org.send(
        "POST", "/jobs/query", json={"operation": "query", "query": "SELECT Id FROM Contact"}
    ),
    "bulk 1": lambda org: org.send(
        "POST",
        "/services/async/62.0/job",
        data='<jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload"><operation>query'
        "</operation><object>Contact</object><contentType>CSV</contentType></jobInfo>",
        headers={"X-SFDC-Session": org.token, "Content-Type": "application/xml"},
    ),
    "composite": lambda org: org.send(
        "POST",
        "/composite",
        json={
            "compositeRequest": [
                {"method": "GET", "referenceId": "a", "url": "/services/data/v62.0/limits"}
            ]
        },
    ),
    "collections": lambda org: org.send(
        "POST",
        "/composite/sobjects",
        json={"records": [{"attributes": {"type": "Contact"}, "LastName": "Quantity"}]},
    ),
    "trees": lambda org: org.send(
        "POST",
        "/composite/tree/Account",
        json={"records": [{"attributes": {"type": "Account", "referenceId": "a"}, "Name": "Many"}]},
    ),
}


@pytest.mark.parametrize("way", IN_QUANTITY)
def test_records_go_in_and_out_in_quantity(many: OrgClient, way: str) -> None:
    answer = IN_QUANTITY[way](many)
    assert answer.status_code in {200, 201}, answer.text
