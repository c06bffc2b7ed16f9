"""API tokens over the API: made with a fresh code, told once, never stronger than what asks."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.common import powers
from apps.custody.models import IssuedToken
from apps.ledger import selectors as ledger
from tests.cast import Cast, code_for

JSON = "application/json"
TOKENS = reverse("custody:api-tokens")
ASKED = {"name": "nightly", "days": 30, "powers": [powers.READ_LEDGER]}


def _make(cast: Cast, **changed: Any) -> Any:
    sent = {**ASKED, "code": code_for(cast.alice), **changed}
    return cast.client("alice").post(TOKENS, sent, JSON)


def _status(secret: str, path: str = "/api/v1/ledger/events/") -> int:
    return Client().get(path, headers=_bearer(secret)).status_code


def _bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def _names(cast: Cast) -> list[str]:
    with cast.at_acme():
        return list(IssuedToken.objects.values_list("name", flat=True))


def test_a_token_is_made_told_once_listed_and_ended(cast: Cast) -> None:
    made = _make(cast)
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    token, secret = made.json()["token"], made.json()["secret"]
    assert _status(secret) == 200
    alice = cast.client("alice")
    listed = alice.get(TOKENS)
    assert [row["id"] for row in listed.json()["results"]] == [token["id"]]
    assert listed.json()["results"][0]["powers"] == [powers.READ_LEDGER]
    assert secret not in listed.content.decode()
    ended = alice.post(reverse("custody:api-end", args=[token["id"]]))
    assert ended.status_code == 200 and ended.json()["ended_at"]
    assert _status(secret) == 401
    with cast.at_acme():
        for action in ("custody.token.issued", "custody.token.ended"):
            event = ledger.list_events(action=action, target_id=token["id"]).get()
            assert event.actor == cast.alice.actor_ref
            assert secret.encode() not in bytes(event.body)


def test_a_token_makes_no_stronger_token(cast: Cast) -> None:
    secret = _make(cast, powers=[powers.MANAGE_API_TOKENS]).json()["secret"]
    sent = {**ASKED, "name": "stronger", "code": code_for(cast.alice)}
    answer = Client().post(TOKENS, sent, JSON, headers=_bearer(secret))
    assert (answer.status_code, answer.json()["rule"]) == (403, "token-within-own-powers")
    assert _names(cast) == ["nightly"]


def test_a_power_that_one_lacks_is_not_handed_on(cast: Cast) -> None:
    answer = _make(cast, powers=[powers.DECIDE_REVIEW, powers.APPROVE_EMERGENCY])
    assert (answer.status_code, answer.json()["rule"]) == (403, "token-within-own-powers")
    assert _names(cast) == []


def test_a_role_without_the_power_makes_lists_and_ends_nothing(cast: Cast) -> None:
    token = _make(cast).json()["token"]["id"]
    rita = cast.client("rita")
    for answer in (
        rita.get(TOKENS),
        rita.post(TOKENS, {**ASKED, "code": code_for(cast.rita)}, JSON),
        rita.post(reverse("custody:api-end", args=[token])),
    ):
        assert (answer.status_code, answer.json()["rule"]) == (403, "needs:tokens.manage")
    assert _names(cast) == ["nightly"]


def test_another_tenants_tokens_are_not_found(cast: Cast) -> None:
    made = _make(cast).json()
    mallory = cast.client("mallory")
    assert mallory.get(TOKENS).json()["results"] == []
    answer = mallory.post(reverse("custody:api-end", args=[made["token"]["id"]]))
    assert answer.status_code == 404
    assert _status(made["secret"]) == 200


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"days": 0}, "days"),
        ({"days": 10**30}, "days"),
        ({"powers": []}, "powers"),
        ({"powers": ["root"]}, "powers"),
        ({"code": "000000"}, "code"),
    ],
)
def test_bad_input_names_the_field_and_makes_nothing(
    cast: Cast, changed: dict[str, object], field: str
) -> None:
    answer = _make(cast, **changed)
    assert 400 <= answer.status_code < 500
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert _names(cast) == []
