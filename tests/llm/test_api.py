"""Endpoints over the API: read, checked, given a new key; refused where the pages refuse."""

from typing import Any

import pytest
from django.urls import reverse

from apps.ledger import selectors as ledger
from apps.llm import selectors
from apps.llm.models import Endpoint
from tests.cast import Cast, fresh_code
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


def test_a_new_key_takes_the_old_ones_place_and_is_never_shown(
    cast: Cast, endpoint: Endpoint
) -> None:
    answer = cast.client("alice").post(
        _address("key", endpoint), {"api_key": "sk-new", "code": fresh_code(cast.alice)}, JSON
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "checking")
    assert "sk-new" not in answer.content.decode()
    assert _key(cast, endpoint) == "sk-new"
    with cast.at_acme():
        event = ledger.list_events(action="llm.endpoint.rekeyed").get()
        assert event.actor == cast.alice.actor_ref and b"sk-new" not in bytes(event.body)


def test_a_check_is_asked_for(cast: Cast, endpoint: Endpoint) -> None:
    answer = cast.client("alice").post(_address("check", endpoint))
    assert (answer.status_code, answer.json()["id"]) == (202, str(endpoint.pk))


@pytest.mark.parametrize("act", ["check", "key"])
def test_only_those_who_manage_the_policy_change_endpoints(
    cast: Cast, endpoint: Endpoint, act: str
) -> None:
    answer = cast.client("bob").post(
        _address(act, endpoint), {"api_key": "sk-new", "code": fresh_code(cast.alice)}, JSON
    )
    assert (answer.status_code, answer.json()["rule"]) == (403, "needs:policy.manage")
    assert _key(cast, endpoint) == KEY


def test_another_tenants_endpoint_is_not_found(cast: Cast, endpoint: Endpoint) -> None:
    mallory = cast.client("mallory")
    assert mallory.get(_address("endpoint", endpoint)).status_code == 404
    for act in ("check", "key"):
        answer = mallory.post(
            _address(act, endpoint), {"api_key": "sk-new", "code": "000000"}, JSON
        )
        assert answer.status_code == 404
    assert _key(cast, endpoint) == KEY


@pytest.mark.parametrize("sent", [{}, {"api_key": ""}, {"api_key": "a b"}, {"api_key": "k" * 501}])
def test_a_bad_key_names_its_field_and_changes_nothing(
    cast: Cast, endpoint: Endpoint, sent: dict[str, Any]
) -> None:
    typed = {**sent, "code": "000000"}
    answer = cast.client("alice").post(_address("key", endpoint), typed, JSON)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["api_key"]
    assert _key(cast, endpoint) == KEY
