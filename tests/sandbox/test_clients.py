"""Clients that others wrote: simple-salesforce over TLS, chunked bodies over plain sockets."""

import http.client
import json
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import JWT_BEARER, OrgClient, app_named, assertion, log_in


@pytest.fixture
def salesforce(sandbox_tls: RunningSandbox) -> Iterator[Any]:
    sandbox_tls.reset()
    session = requests.Session()
    session.trust_env = False  # REQUESTS_CA_BUNDLE would silently replace `verify`
    session.verify = sandbox_tls.verify
    yield Salesforce(
        instance_url=sandbox_tls.url,
        session_id=log_in(sandbox_tls).token,
        session=session,
        version="62.0",
    )
    session.close()


class _Redirected(requests.adapters.HTTPAdapter):
    """Takes what is meant for the org's host at salesforce.com to the sandbox instead."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *rest: Any, **more: Any) -> requests.Response:
        request.url = self._url + request.path_url
        return super().send(request, *rest, **more)


@pytest.mark.parametrize("flow", ["client_credentials", "jwt_bearer"])
def test_simple_salesforce_signs_in_by_itself(sandbox_tls: RunningSandbox, flow: str) -> None:
    app, domain = app_named(sandbox_tls, "Bailiwick Console"), "acme-prod.my"
    ways = {
        "client_credentials": {"consumer_secret": app["consumer_secret"]},
        "jwt_bearer": {
            "username": sandbox_tls.info["username"],
            "privatekey_file": sandbox_tls.info["private_key"],
        },
    }
    with requests.Session() as session:
        session.trust_env, session.verify = False, sandbox_tls.verify
        session.mount(f"https://{domain}.salesforce.com", _Redirected(sandbox_tls.url))
        client = Salesforce(
            **ways[flow], consumer_key=app["consumer_key"], domain=domain, session=session
        )
        assert f"https://{client.sf_instance}" == sandbox_tls.url
        assert client.query("SELECT COUNT() FROM Case")["totalSize"] == 40


def test_simple_salesforce_queries_through_every_page(
    salesforce: Any, sandbox_tls: RunningSandbox
) -> None:
    sandbox_tls.seed(tokens=1200)
    whole = salesforce.query_all("SELECT Id, AppName FROM OauthToken")
    assert len(whole["records"]) == whole["totalSize"] == 1260


def test_simple_salesforce_reads_and_writes_records(salesforce: Any) -> None:
    made = salesforce.Case.create({"Subject": "From outside", "Matter_Number__c": "X-1"})
    assert salesforce.Case.update(made["id"], {"LLM_Summary__c": "Short"}) == 204
    assert salesforce.Case.get(made["id"])["LLM_Summary__c"] == "Short"
    assert salesforce.Case.get_by_custom_id("Matter_Number__c", "X-1")["Id"] == made["id"]
    assert salesforce.Case.upsert("Matter_Number__c/X-1", {"Priority": "Low"}) == 200


def test_simple_salesforce_describes_and_sees_the_limits(salesforce: Any) -> None:
    assert salesforce.Case.describe()["name"] == "Case"
    assert salesforce.limits()["DailyApiRequests"]["Max"] == 114000
    assert salesforce.api_usage["api-usage"].total == 114000


def test_simple_salesforce_sees_the_platforms_errors(
    salesforce: Any, sandbox_tls: RunningSandbox
) -> None:
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        salesforce.query("SELECT Nope FROM Case")
    assert "INVALID_FIELD" in str(malformed.value)
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Case.get("500Ma0000000zzz")
    sandbox_tls.admin("POST", "expire")
    with pytest.raises(SalesforceExpiredSession):
        salesforce.query("SELECT Id FROM Case")


def test_the_certificate_holds_for_every_loopback_name(sandbox_tls: RunningSandbox) -> None:
    port = urlsplit(sandbox_tls.url).port
    for name in ("localhost", "127.0.0.1"):
        answer = requests.get(
            f"https://{name}:{port}/services/data", verify=sandbox_tls.verify, timeout=10
        )
        assert answer.status_code == 200


def test_the_certificate_is_not_trusted_without_its_ca(sandbox_tls: RunningSandbox) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{sandbox_tls.url}/services/data", timeout=10)


def _post_in_chunks(
    sandbox: RunningSandbox, path: str, body: bytes, headers: dict[str, str]
) -> http.client.HTTPResponse:
    parts = urlsplit(sandbox.url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=sandbox.info["ca"])
        connection = http.client.HTTPSConnection(parts.netloc, context=context, timeout=10)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    pieces = (body[start : start + 40] for start in range(0, len(body), 40))
    connection.request("POST", path, body=pieces, headers=headers, encode_chunked=True)
    return connection.getresponse()


def test_a_token_request_may_come_in_chunks(sandbox_org: RunningSandbox) -> None:
    form = {"grant_type": JWT_BEARER, "assertion": assertion(sandbox_org)}
    answer = _post_in_chunks(
        sandbox_org,
        "/services/oauth2/token",
        urlencode(form).encode(),
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Transfer-Encoding": "chunked",
        },
    )
    assert answer.status == 200
    assert json.load(answer)["access_token"]


def test_a_record_may_come_in_chunks(org: OrgClient) -> None:
    answer = _post_in_chunks(
        org.sandbox,
        "/services/data/v62.0/sobjects/Case",
        json.dumps({"Subject": "In chunks", "Description": "x" * 500}).encode(),
        {
            "Authorization": f"Bearer {org.token}",
            "Content-Type": "application/json",
            "Transfer-Encoding": "chunked",
        },
    )
    assert answer.status == 201
    assert org.rows("SELECT Description FROM Case WHERE Subject = 'In chunks'") != []
