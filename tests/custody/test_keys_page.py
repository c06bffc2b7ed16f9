"""The keys page and its API: what they show, and what each button does."""

import base64
import os

import pytest
from django.apps import apps
from django.test import Client

from apps.custody import keylists, sealing, subjects
from apps.custody.models import DataKey, SubjectKey, TenantKey
from tests.cast import Cast, code_for


@pytest.fixture
def client(cast: Cast) -> Client:
    with cast.at_acme():
        sealing.seal_value(b"x", purpose="llm", place="p")
        subjects.seal_personal(cast.bob.actor_ref, {"address": "203.0.113.77"})
    return cast.client("alice")


def test_the_page_says_which_keys_there_are_and_shows_none(cast: Cast, client: Client) -> None:
    answer = client.get("/keys/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Keys of endpoints" in text
    assert "Bob" in text
    assert "203.0.113.77" not in text
    with cast.at_acme():
        wrapped = DataKey.objects.get(purpose="llm").wraps[0]["wrapped"]
    assert wrapped not in text


def test_every_kind_of_secret_has_words() -> None:
    purposes = {getattr(model, "sealed_purpose", "") for model in apps.get_models()} - {""}
    assert purposes <= keylists.WORDS.keys()


def test_an_own_key_is_supplied_and_never_shown_again(cast: Cast, client: Client) -> None:
    given = base64.b64encode(os.urandom(32)).decode()
    answer = client.post("/keys/own/", {"key": given, "code": code_for(cast.alice)}, follow=True)
    assert "Your own key is in use" in answer.content.decode()
    assert given not in answer.content.decode()
    with cast.at_acme():
        assert TenantKey.objects.get().kind == "supplied"


def test_a_bad_key_is_refused_beside_its_field(cast: Cast, client: Client) -> None:
    answer = client.post("/keys/own/", {"key": "secret-typo", "code": code_for(cast.alice)})
    assert answer.status_code == 400
    assert "32 random bytes" in answer.content.decode()
    assert "secret-typo" not in answer.content.decode()


def test_rotating_needs_a_code(cast: Cast, client: Client) -> None:
    assert client.post("/keys/rotate/", {"purpose": "llm", "code": "000000"}).status_code >= 400
    with cast.at_acme():
        assert DataKey.objects.filter(purpose="llm").count() == 1


def test_a_key_is_rotated_from_the_page(cast: Cast, client: Client) -> None:
    answer = client.post("/keys/rotate/", {"purpose": "llm", "code": code_for(cast.alice)})
    assert answer.status_code == 302
    with cast.at_acme():
        assert DataKey.objects.filter(purpose="llm").count() == 2


def test_a_person_is_erased_after_seeing_what_goes(cast: Cast, client: Client) -> None:
    with cast.at_acme():
        row = SubjectKey.objects.get()
    path = f"/keys/persons/{row.pk}/erase/"
    assert "address" in client.get(path).content.decode()
    assert client.post(path, {"code": code_for(cast.alice)}).status_code == 302
    assert client.get(path).status_code == 404
    with cast.at_acme():
        assert SubjectKey.objects.get().erased_at is not None


def test_the_api_supplies_revokes_and_tells(cast: Cast, client: Client) -> None:
    given = base64.b64encode(os.urandom(32)).decode()
    answer = client.post(
        "/api/v1/keys/own/",
        {"key": given, "code": code_for(cast.alice)},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert answer.json()["own"] == {"version": 1, "kind": "supplied", "revoked_at": None}
    shown = client.get("/api/v1/keys/").json()["keys"]
    assert {"llm"} <= {each["purpose"] for each in shown if each["own"]}


def test_others_see_nothing_of_it(cast: Cast, client: Client) -> None:
    with cast.at_acme():
        row = SubjectKey.objects.get()
    assert cast.client("bob").get("/keys/").status_code == 403
    assert cast.client("mallory").get(f"/keys/persons/{row.pk}/erase/").status_code == 404
