"""Writing the draft over the API: zones, field classes and rules, each by the pages' rules."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.ledger import selectors as ledger
from apps.residency import selectors
from apps.residency.models import FieldClass, Zone
from tests.cast import Cast
from tests.residency.made import a_zone, permit, publish_now

JSON = "application/json"
FIELDS, RULES = reverse("residency:api-fields"), reverse("residency:api-rules")
FIELD = {"object_name": "Case", "field_name": "Subject", "data_class": "fit"}
RULE = {
    "name": "to-de",
    "data_class": "fit",
    "effect": "allow",
    "destination_jurisdictions": ["DE"],
}


@pytest.fixture
def zone(cast: Cast) -> Zone:
    with cast.at_acme() as alice:
        return a_zone(alice, "EU", "DE")


def _change(zone: Zone) -> str:
    return reverse("residency:api-zone", args=[zone.pk])


def _remove(name: str) -> str:
    return reverse("residency:api-remove-rule", args=[name])


def _recorded(cast: Cast, action: str) -> int:
    with cast.at_acme():
        return ledger.list_events(action=action).count()


def test_where_a_zone_lies_is_changed_in_the_draft(cast: Cast, zone: Zone) -> None:
    changed = cast.client("alice").post(_change(zone), {"jurisdictions": ["DE", "FR"]}, JSON)
    assert changed.status_code == 200
    assert cast.client("otto").get(_change(zone)).json() == changed.json()
    assert changed.json()["jurisdictions"] == ["DE", "FR"]
    assert _recorded(cast, "residency.zone.changed") == 1


def test_a_field_is_classified_and_listed(cast: Cast) -> None:
    alice = cast.client("alice")
    first = alice.post(FIELDS, FIELD, JSON)
    assert (first.status_code, first.json()["data_class"]) == (200, "fit")
    again = alice.post(FIELDS, {**FIELD, "data_class": "never"}, JSON)
    assert alice.get(FIELDS).json()["results"] == [again.json()]
    assert _recorded(cast, "residency.field.classified") == 2


def test_rules_are_added_listed_and_removed_in_the_draft(cast: Cast, zone: Zone) -> None:
    alice = cast.client("alice")
    assert alice.post(RULES, RULE, JSON).status_code == 201
    to_zone = {**RULE, "name": "To zone", "destination_zone": str(zone.pk)}
    assert alice.post(RULES, to_zone, JSON).json()["name"] == "to-zone"
    shown = alice.get(RULES).json()
    assert (shown["state"], [rule["name"] for rule in shown["rules"]]) == (
        "draft",
        ["to-de", "to-zone"],
    )
    assert alice.post(_remove("to-de")).status_code == 204
    assert alice.post(_remove("to-de")).status_code == 404
    assert [rule["name"] for rule in alice.get(RULES).json()["rules"]] == ["to-zone"]
    assert _recorded(cast, "residency.rule.added") == 2
    assert _recorded(cast, "residency.rule.removed") == 1


def test_rules_in_force_are_shown_while_nothing_is_drafted(cast: Cast) -> None:
    otto = cast.client("otto")
    assert otto.get(RULES).json() == {"number": None, "state": None, "rules": []}
    with cast.at_acme() as alice:
        permit(alice, "to-de", "fit", "allow", None, "DE")
        publish_now(alice)
    shown = otto.get(RULES).json()
    assert (shown["number"], shown["state"], len(shown["rules"])) == (1, "published", 1)


def test_only_those_who_manage_the_policy_write_the_draft(cast: Cast, zone: Zone) -> None:
    bob = cast.client("bob")
    for url, sent in (
        (_change(zone), {"jurisdictions": ["US"]}),
        (FIELDS, FIELD),
        (RULES, RULE),
        (_remove("to-de"), {}),
    ):
        answer = bob.post(url, sent, JSON)
        assert (answer.status_code, answer.json()["rule"]) == (403, "needs:policy.manage")
    with cast.at_acme():
        zone.refresh_from_db()
        assert zone.jurisdictions == ["DE"] and not FieldClass.objects.exists()


def test_another_tenants_zones_and_rules_are_not_found(cast: Cast, zone: Zone) -> None:
    with cast.at_acme() as alice:
        permit(alice, "to-de", "fit", "allow", None, "DE")
    mallory = cast.client("mallory")
    assert mallory.get(_change(zone)).status_code == 404
    assert mallory.post(_change(zone), {"jurisdictions": ["US"]}, JSON).status_code == 404
    assert mallory.post(_remove("to-de")).status_code == 404
    theirs = {**RULE, "destination_zone": str(zone.pk)}
    assert mallory.post(RULES, theirs, JSON).status_code == 404
    assert mallory.get(RULES).json()["rules"] == []
    with cast.at_acme():
        zone.refresh_from_db()
        assert zone.jurisdictions == ["DE"]
        assert len(selectors.list_rules(selectors.current_draft())) == 1


@pytest.mark.parametrize(
    ("url", "sent", "field"),
    [
        (FIELDS, {**FIELD, "object_name": "a b"}, "object_name"),
        (FIELDS, {**FIELD, "data_class": "secret"}, "data_class"),
        (FIELDS, {"object_name": "Case", "data_class": "fit"}, "field_name"),
        (RULES, {**RULE, "effect": "perhaps"}, "effect"),
        (RULES, {**RULE, "purpose": "fun"}, "purpose"),
        (RULES, {**RULE, "destination_jurisdictions": []}, "destination_zone"),
        (RULES, {**RULE, "destination_jurisdictions": ["UK"]}, "destination_jurisdictions"),
        (RULES, {**RULE, "destination_zone": "nonsense"}, "destination_zone"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(
    cast: Cast, url: str, sent: dict[str, Any], field: str
) -> None:
    answer = cast.client("alice").post(url, sent, JSON)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    with cast.at_acme():
        assert selectors.current_draft() is None and not FieldClass.objects.exists()


def test_a_zone_must_lie_somewhere(cast: Cast, zone: Zone) -> None:
    for places in ([], ["XX"]):
        answer = cast.client("alice").post(_change(zone), {"jurisdictions": places}, JSON)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "jurisdictions"
    gone = reverse("residency:api-zone", args=[uuid4()])
    assert cast.client("alice").get(gone).status_code == 404
