"""Endpoints over the API: read and checked; refused where the pages refuse."""

import pytest
from django.urls import reverse

from apps.llm import selectors
from apps.llm.models import Endpoint
from tests.cast import Cast
from tests.llm.test_registry import KEY, register

JSON = "application/json"


@pytest.fixture
def endpoint(cast: Cast) -> Endpoint:
    return register(cast)


def _address(name: str, endpoint: Endpoint) -> str:
    return reverse(f"llm:api-{name}", args=[endpoint.pk])


def _key(cast: Cast, endpoint: Endpoint) -> str:
    with cast.at_acme():
        return str(selectors.get_endpoint(endpoint_id=endpoint.pk).api_key)


def test_an_endpoint_is_read_without_its_key(cast: Cast, endpoint: Endpoint) -> None:
    answer = cast.client("otto").get(_address("endpoint", endpoint))
    assert (answer.status_code, answer.json()["name"]) == (200, "Model")
    assert KEY not in answer.content.decode()


def test_a_check_is_asked_for(cast: Cast, endpoint: Endpoint) -> None:
    answer = cast.client("alice").post(_address("check", endpoint))
    assert (answer.status_code, answer.json()["id"]) == (202, str(endpoint.pk))


def test_only_those_who_manage_the_policy_check_endpoints(cast: Cast, endpoint: Endpoint) -> None:
    answer = cast.client("bob").post(_address("check", endpoint))
    assert (answer.status_code, answer.json()["rule"]) == (403, "needs:policy.manage")


def test_another_tenants_endpoint_is_not_found(cast: Cast, endpoint: Endpoint) -> None:
    mallory = cast.client("mallory")
    assert mallory.get(_address("endpoint", endpoint)).status_code == 404
    assert mallory.post(_address("check", endpoint)).status_code == 404
    assert _key(cast, endpoint) == KEY
