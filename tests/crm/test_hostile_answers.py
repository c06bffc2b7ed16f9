"""An org, or someone posing as one, that answers without end."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from apps.common.clock import database_now
from apps.common.patience import TimedAnswer
from apps.crm import errors
from apps.crm.client import transport
from apps.crm.client.answers import error_from
from apps.crm.client.oauth import Grant, request_token
from apps.crm.session import Org, open_org
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
DEEP = b"[" * 200_000
QUERY = "SELECT Id FROM Organization"


@pytest.fixture
def org(cast: Cast, sandbox: RunningSandbox) -> Iterator[Org]:
    connection = orgs.connect(cast, sandbox)
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as opened:
        yield opened


def test_an_org_that_answers_too_much_is_cut_off(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(org.query(QUERY))
    monkeypatch.setattr(transport, "MOST_BYTES", 20)
    with pytest.raises(errors.AnswerTooLarge) as refused:
        list(org.query(QUERY))
    assert not refused.value.retryable


def test_an_org_that_answers_too_slowly_in_all_is_cut_off(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "WHOLE_SECONDS", -1.0)
    with pytest.raises(errors.NoAnswer):
        list(org.query(QUERY))


def test_an_org_that_drips_is_cut_off_within_one_chunk(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimedAnswer, "seconds", -1.0)
    with pytest.raises(errors.NoAnswer):
        list(org.query(QUERY))


@pytest.mark.parametrize("fields", [5, True, {"Subject": 1}, "Subject", [None, 7]])
def test_errors_of_a_strange_shape_are_errors_still(fields: object) -> None:
    for body in ([{"errorCode": "X", "fields": fields}], {"statusCode": 5, "fields": fields}):
        assert isinstance(error_from(400, body, host="acme"), errors.ValidationRefused)


def test_deeply_nested_answers_are_no_data(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    _answer_deep(monkeypatch)
    with pytest.raises(errors.NotJson):
        org.update("Case", "500000000000001AAA", {"Subject": "x"})
    with pytest.raises(errors.NotJson):
        grant = Grant(host=org.host, flow="client_credentials", client_id="x", client_secret="y")
        request_token(grant, now=database_now())


def _answer_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer of the org holds the same hostile body, whatever was asked."""

    def deep(*args: Any, **kwargs: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer._content = 200, DEEP
        return answer

    monkeypatch.setattr(transport.OrgSession, "request", deep)
