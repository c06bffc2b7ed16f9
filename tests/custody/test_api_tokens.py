"""API tokens: made with a fresh factor, never stronger than their holder, dead when ended."""

import pytest
from django.test import Client

from apps.common import powers
from apps.custody.models import IssuedToken
from tests.cast import Cast, code_for

FORM = {"name": "nightly", "days": "30", "powers": [powers.READ_LEDGER]}


def _make(cast: Cast, name: str = "alice", **changed: object) -> str:
    form = {**FORM, "code": code_for(cast.people[name]), **changed}
    answer = cast.client(name).post("/tokens/", form)
    assert answer.status_code == 200, answer.context["error"]
    return str(answer.context["made"])


def _call(text: str, path: str = "/api/v1/ledger/events/") -> int:
    return Client().get(path, headers={"authorization": f"Bearer {text}"}).status_code


def test_a_token_opens_what_it_was_made_for(cast: Cast) -> None:
    text = _make(cast)
    assert _call(text) == 200


def test_a_token_opens_nothing_beyond_its_powers(cast: Cast) -> None:
    text = _make(cast, powers=[powers.READ_OVERVIEW])
    assert _call(text) == 403


def test_a_token_cannot_be_stronger_than_its_maker(cast: Cast) -> None:
    form = {**FORM, "code": code_for(cast.bob)}
    assert cast.client("bob").post("/tokens/", form).status_code == 403


def test_an_ended_token_is_dead_at_once(cast: Cast) -> None:
    text = _make(cast)
    with cast.at_acme():
        token = IssuedToken.objects.get(name="nightly")
    cast.client("alice").post(f"/tokens/{token.pk}/end/")
    assert _call(text) == 401


@pytest.mark.parametrize("text", ["x", "bwk_a_b", "bwk_" + "a" * 26 + "_zzz"])
def test_a_made_up_token_is_refused(cast: Cast, text: str) -> None:
    assert _call(text) == 401


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "x" * 81}, None),
        ({"days": "0"}, "days"),
        ({"days": "lots"}, "days"),
        ({"days": "9" * 30}, "days"),
        ({"days": "-1"}, "days"),
        ({"powers": []}, "powers"),
        ({"powers": ["root"]}, "powers"),
        ({"code": "000000"}, "code"),
    ],
)
def test_bad_input_names_the_field_and_makes_nothing(
    cast: Cast, changed: dict[str, object], field: str | None
) -> None:
    form = {**FORM, "code": code_for(cast.alice), **changed}
    answer = cast.client("alice").post("/tokens/", form)
    assert answer.status_code in {400, 403, 422}
    if field:
        assert answer.context["error"].field == field
    with cast.at_acme():
        assert not IssuedToken.objects.exists()


def test_mallory_cannot_end_acmes_token(cast: Cast) -> None:
    text = _make(cast)
    with cast.at_acme():
        token = IssuedToken.objects.get(name="nightly")
    assert cast.client("mallory").post(f"/tokens/{token.pk}/end/").status_code == 404
    assert _call(text) == 200
