"""The matrix, purposes, accounts and ending access over the API."""

import pytest
from django.urls import reverse

from apps.posture.models import AppPurpose, Revocation
from tests.cast import Cast, code_for
from tests.posture.governed import Governed, make_governed

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def world(cast: Cast) -> Governed:
    with cast.at_acme():
        return make_governed(cast)


def test_the_matrix_and_the_accounts_are_told(cast: Cast, world: Governed) -> None:
    alice = cast.client("alice")
    matrix = alice.get(reverse("posture:api-matrix", args=[world.app.pk])).json()
    full = next(line for line in matrix["lines"] if line["scope"] == "full")
    assert full["differs"] and full["granted"]["kind"] == full["declared"]["kind"] == "extra"
    assert full["used"]["kind"] == "unknown"
    assert matrix["objects_beyond_purpose"] == ["Contact"]
    [reach] = matrix["reaches"]
    assert reach["everything"] == ["Modify All Data", "View All Data"]
    assert reach["beyond_purpose"] == {"Contact": "read, edit", "Lead": "read"}
    assert reach["fields_beyond_purpose"] == {"Matter__c.IBAN__c": "read"}
    kept = {each["name"]: each["encrypted"] for each in matrix["restricted_fields"]}
    assert kept["Matter__c.IBAN__c"] is False and kept["Matter__c.Sealed__c"] is None
    assert matrix["ranges"] == [{"range": "198.51.100.0-198.51.100.255", "is_outside": False}]
    listed = alice.get(reverse("posture:api-service-accounts", args=[world.org.pk])).json()
    assert listed[0]["dangerous"][0] == {
        "permission": "Modify All Data",
        "paths": ["permission set LLM Sync (legacy)", "permission set group Integration Admin"],
    }
    assert listed[0]["muted"][0]["by"] == "No code in production"
    assert "acme.example" not in f"{listed}{matrix}"  # people's names stay on the page


def test_a_purpose_is_proposed_refused_and_approved(cast: Cast, world: Governed) -> None:
    bob, alice = cast.client("bob"), cast.client("alice")
    address = reverse("posture:api-purposes", args=[world.app.pk])
    wanted = {"words": "Drafts summaries for legal.", "scopes": ["api"]}
    bad = bob.post(address, {**wanted, "scopes": ["<b>"]}, content_type=JSON)
    assert bad.status_code == 400 and bad.json()["errors"][0]["field"] == "scopes"
    first = bob.post(address, wanted, content_type=JSON)
    assert first.status_code == 201
    refuse = reverse("posture:api-refuse-purpose", args=[first.json()["id"]])
    assert bob.post(refuse).status_code == 403
    assert alice.post(refuse).json()["state"] == "refused"
    second = bob.post(address, wanted, content_type=JSON).json()
    approve = reverse("posture:api-approve-purpose", args=[second["id"]])
    done = alice.post(approve, {"code": code_for(cast.alice)}, content_type=JSON)
    assert done.json()["state"] == "approved"
    mallory = cast.client("mallory")
    assert mallory.get(address).status_code == 404
    assert mallory.post(refuse).status_code == 404
    with cast.at_acme():
        assert AppPurpose.objects.filter(state="approved").count() == 1


def test_access_is_ended_against_a_fresh_code(cast: Cast, world: Governed) -> None:
    address = reverse("posture:api-revoke-account", args=[world.account.pk])
    refused = cast.client("bob").post(address, {"code": "000000"}, content_type=JSON)
    assert refused.status_code == 403
    alice = cast.client("alice")
    assert alice.post(address, {}, content_type=JSON).status_code == 400
    with cast.at_acme():
        assert not Revocation.objects.exists()
    begun = alice.post(address, {"code": code_for(cast.alice)}, content_type=JSON)
    assert begun.status_code == 202, begun.content
    assert begun.json()["counts"] == {"queued": 5}
    read = alice.get(reverse("posture:api-revocation", args=[begun.json()["id"]])).json()
    assert (read["state"], read["target_ref"]) == ("running", world.account.org_user_id)
