"""Attacks on what holds decisions together: what a code is for, routes, and the cache."""

import pickle

import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from apps.common import powers
from apps.common.routes import route
from apps.custody.models import IssuedToken
from apps.custody.services import subject_of
from apps.ledger.models import Event
from tests.cast import Cast, code_for


@pytest.mark.parametrize("subject", ["a\x00b", "Mara Lind, born 1980"])
def test_a_tampered_form_puts_nothing_of_its_own_into_the_ledger(cast: Cast, subject: str) -> None:
    form = {"content_hash": subject, "code": code_for(cast.alice)}
    answer = cast.client("alice").post("/policy/publish/", form)
    assert answer.status_code in {403, 422}
    with cast.at_acme():
        assert not any(subject[:20].encode() in bytes(event.body) for event in Event.objects.all())


def test_a_code_for_one_token_is_for_nothing_more() -> None:
    asked = {"name": "nightly", "wanted": [powers.READ_LEDGER], "days": 1}
    subjects = {
        subject_of(**{**asked, **changed})  # type: ignore[arg-type]
        for changed in ({}, {"days": 90}, {"wanted": [powers.MANAGE_MEMBERS]}, {"name": "other"})
    }
    assert len(subjects) == 4


def test_a_tokens_name_stays_out_of_the_ledger(cast: Cast) -> None:
    form = {"name": "Maras laptop", "days": "1", "powers": [powers.READ_LEDGER]}
    cast.client("alice").post("/tokens/", {**form, "code": code_for(cast.alice)})
    with cast.at_acme():
        assert IssuedToken.objects.filter(name="Maras laptop").exists()
        assert not any(b"Maras" in bytes(event.body) for event in Event.objects.all())


def test_two_routes_of_one_view_cannot_name_two_policies() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    route("a/", view, name="a", policy=powers.READ_LEDGER)
    route("b/", view, name="b", policy=powers.READ_LEDGER)
    with pytest.raises(ValueError, match="another policy"):
        route("c/", view, name="c", policy=powers.READ_OVERVIEW)


class _Bomb:
    """Says so when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("something out of the cache was executed",)


def test_reading_the_cache_runs_nothing() -> None:
    client = cache._cache.get_client("bomb")  # type: ignore[attr-defined]
    client.set(cache.make_key("bomb"), pickle.dumps(_Bomb()))
    with pytest.raises(ValueError):
        cache.get("bomb")
    client.delete(cache.make_key("bomb"))


@pytest.mark.parametrize("value", [0, 7, "x", None, True, {"a": [1, "b"]}])
def test_the_cache_gives_back_what_it_got(value: object) -> None:
    cache.set("kept", value, 5)
    assert cache.get("kept") == value
