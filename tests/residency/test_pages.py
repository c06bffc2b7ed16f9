"""The policy page and its API, as people with and without the power meet them."""

import pytest

from apps.residency import drafting, selectors
from apps.residency.compiled import hash_of
from tests.cast import Cast, code_for
from tests.residency.made import a_zone, classify, permit, publish_now

PAGE = "/policy/"


def test_an_empty_policy_says_that_nothing_may_leave(cast: Cast) -> None:
    page = cast.client("alice").get(PAGE)
    assert page.status_code == 200
    assert "No policy is in force, so nothing may leave" in page.content.decode()
    assert "No zones yet" in page.content.decode()


def test_a_reader_sees_the_rules_in_words_and_no_forms(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        zone = a_zone(alice, "EU core", "DE", "FR")
        classify(alice, "fit", "Subject")
        permit(alice, "fit-to-eu", "fit", "allow", zone.pk)
        publish_now(alice)
    text = cast.client("otto").get(PAGE).content.decode()
    assert "Fields that are fit for models may go to the zone EU core." in text
    assert "Germany, France" in text and "Add a rule" not in text
    assert cast.client("otto").post("/policy/zones/add/", {}).status_code == 403


def test_a_wrong_country_is_answered_beside_its_field_with_what_was_typed(cast: Cast) -> None:
    typed = {"zone_name": "Islands", "jurisdictions": "UK"}
    answer = cast.client("alice").post("/policy/zones/add/", typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "The United Kingdom is GB" in text and 'value="Islands"' in text
    with cast.at_acme():
        assert not selectors.list_zones().exists()


@pytest.mark.parametrize(
    ("address", "typed", "words"),
    [
        ("/policy/fields/", {"object_name": "Case", "field_name": "a b"}, "API name"),
        ("/policy/fields/", {"object_name": "Case", "field_name": "A"}, "is no class"),
        ("/policy/rules/add/", {"name": "x", "data_class": "fit", "effect": "allow"}, "where to"),
        ("/policy/rules/add/", {"name": "x", "zone": "nonsense"}, "Choose a zone from the list"),
        ("/policy/zones/add/", {"zone_name": "", "jurisdictions": "DE"}, "is empty"),
    ],
)
def test_bad_input_says_the_fix(
    cast: Cast, address: str, typed: dict[str, str], words: str
) -> None:
    answer = cast.client("alice").post(address, typed)
    assert answer.status_code == 422 and words in answer.content.decode()


def test_publishing_shows_the_difference_and_takes_a_code(cast: Cast) -> None:
    client = cast.client("alice")
    client.post("/policy/zones/add/", {"zone_name": "EU", "jurisdictions": "DE, FR"})
    client.post(
        "/policy/fields/", {"object_name": "Case", "field_name": "Subject", "field_class": "fit"}
    )
    shown = client.get("/policy/publish/")
    assert "Zone added: EU (DE, FR)" in shown.content.decode()
    content_hash = shown.context["content_hash"]
    stale = {"content_hash": "0" * 64, "code": code_for(cast.alice)}
    assert client.post("/policy/publish/", stale).status_code == 409
    right = {"content_hash": content_hash, "code": code_for(cast.alice)}
    assert client.post("/policy/publish/", right).status_code == 302
    with cast.at_acme():
        policy = selectors.compiled_policy()
    assert policy is not None and policy.hash == content_hash


def test_a_wrong_code_publishes_nothing(cast: Cast) -> None:
    client = cast.client("alice")
    client.post("/policy/zones/add/", {"zone_name": "EU", "jurisdictions": "DE"})
    content_hash = client.get("/policy/publish/").context["content_hash"]
    answer = client.post("/policy/publish/", {"content_hash": content_hash, "code": "000000"})
    assert answer.status_code == 422 and "wrong or was used before" in answer.content.decode()
    with cast.at_acme():
        assert selectors.current_version() is None


def test_changing_where_a_zone_lies_waits_in_the_draft(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        zone = a_zone(alice, "EU", "DE")
        publish_now(alice)
    client = cast.client("alice")
    assert client.get(f"/policy/zones/{zone.pk}/").status_code == 200
    assert client.post(f"/policy/zones/{zone.pk}/", {"jurisdictions": "XX"}).status_code == 422
    client.post(f"/policy/zones/{zone.pk}/", {"jurisdictions": "DE FR"})
    assert "Zone changed: EU (DE) becomes: EU (DE, FR)" in client.get(PAGE).content.decode()
    assert cast.client("mallory").get(f"/policy/zones/{zone.pk}/").status_code == 404


def test_the_api_adds_zones_publishes_and_answers_what_it_would_decide(cast: Cast) -> None:
    client = cast.client("alice")
    added = client.post(
        "/api/v1/zones/", {"name": "EU", "jurisdictions": ["DE"]}, content_type="application/json"
    )
    assert added.status_code == 201 and added.json()["jurisdictions"] == ["DE"]
    refused = client.post(
        "/api/v1/zones/", {"name": "X", "jurisdictions": ["EU"]}, content_type="application/json"
    )
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "jurisdictions"
    with cast.at_acme("alice") as alice:
        classify(alice, "fit", "Subject")
        permit(alice, "to-de", "fit", "allow", None, "DE")
        content_hash = hash_of(drafting.content_of_draft())
    published = client.post(
        "/api/v1/policy/",
        {"content_hash": content_hash, "code": code_for(cast.alice)},
        content_type="application/json",
    )
    assert published.status_code == 200 and published.json()["content_hash"] == content_hash
    asked = client.post(
        "/api/v1/policy/decide/",
        {
            "object_name": "Case",
            "field_names": ["Subject"],
            "subject_jurisdictions": ["DE"],
            "purpose": "case-summary",
            "destination_zone": added.json()["id"],
        },
        content_type="application/json",
    )
    assert asked.json()["rules"] == ["to-de"]
    assert client.get("/api/v1/zones/").json()["results"][0]["name"] == "EU"
    assert cast.client("mallory").get("/api/v1/zones/").json()["results"] == []
    assert cast.client("otto").post("/api/v1/zones/", {}).status_code == 403
