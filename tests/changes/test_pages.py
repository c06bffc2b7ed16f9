"""Changes in the browser and over the API."""

import pytest

from apps.changes.models import Proposal
from apps.changes.states import State
from apps.custody.models import IssuedToken
from tests.cast import Cast, fresh_code
from tests.changes.conftest import OFFICE, WHY, approve, carry_on, propose, reread
from tests.crm.test_pages import text_of

pytestmark = pytest.mark.django_db


def test_from_the_token_to_the_applied_change(cast: Cast, token: IssuedToken) -> None:
    bob, alice = cast.client("bob"), cast.client("alice")
    form = f"/changes/new/networks/{token.pk}/"
    assert form in bob.get("/tokens/").content.decode()
    assert "Nothing changes until" in text_of(bob.get(form))
    wrong = bob.post(form, {"networks": "nowhere", "reason": WHY})
    assert wrong.status_code == 422
    assert "is no network" in text_of(wrong)
    made = bob.post(form, {"networks": f"{OFFICE}\n", "reason": WHY})
    address = made["Location"]
    assert "You cannot approve this change" in text_of(bob.get(address))
    assert "1 change waits for you" in text_of(alice.get("/changes/"))
    page = alice.get(address)
    assert "Unknown whom this would keep out" in text_of(page)
    answer = alice.post(
        address,
        {
            "code": fresh_code(cast.alice),
            "content_hash": page.context["proposal"].content_hash,
            "seen": page.context["seen"],
        },
    )
    assert answer.status_code == 302, text_of(answer)
    with cast.at_acme():
        proposal = Proposal.objects.get()
    assert carry_on(cast, proposal).state == State.VERIFIED
    assert "Checked after applying" in text_of(alice.get(address))
    back = {"code": fresh_code(cast.alice), "reason": "It stopped."}
    assert alice.get(f"{address}back/").status_code == 200
    assert alice.post(f"{address}back/", back).status_code == 302
    assert "Rolled back to the last good" in text_of(alice.get(address))


def test_a_wrong_code_approves_nothing(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    address = f"/changes/{proposal.pk}/"
    alice = cast.client("alice")
    for code, content_hash in (("000000", proposal.content_hash), ("", "\x00"), ("1", "")):
        answer = alice.post(address, {"code": code, "content_hash": content_hash, "seen": "x"})
        assert answer.status_code == 422
    assert reread(cast, proposal).state == State.PROPOSED


def test_refusing_takes_a_reason(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    address = f"/changes/{proposal.pk}/refuse/"
    alice = cast.client("alice")
    assert alice.post(address, {"reason": ""}).status_code == 422
    assert alice.post(address, {"reason": "Too narrow for the export."}).status_code == 302
    assert reread(cast, proposal).state == State.REFUSED


def test_the_api_proposes_shows_and_approves(cast: Cast, token: IssuedToken) -> None:
    bob, alice = cast.client("bob"), cast.client("alice")
    wanted = {"kind": "token_networks", "target": str(token.pk), "networks": [OFFICE]}
    bad = bob.post("/api/v1/changes/", wanted, content_type="application/json")
    assert bad.status_code == 400
    made = bob.post("/api/v1/changes/", {**wanted, "reason": WHY}, content_type="application/json")
    assert made.status_code == 201, made.content
    told = alice.get(f"/api/v1/changes/{made.json()['id']}/").json()
    body = {
        "code": fresh_code(cast.alice),
        "content_hash": told["content_hash"],
        "seen": told["seen"],
    }
    done = alice.post(
        f"/api/v1/changes/{told['id']}/approve/", body, content_type="application/json"
    )
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    assert len(alice.get("/api/v1/changes/").json()["results"]) == 1


def test_another_tenant_sees_nothing(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal)
    mallory = cast.client("mallory")
    assert "nightly export" not in text_of(mallory.get("/changes/"))
    for address in (
        f"/changes/{proposal.pk}/",
        f"/changes/{proposal.pk}/refuse/",
        f"/changes/{proposal.pk}/back/",
        f"/changes/new/networks/{token.pk}/",
        f"/api/v1/changes/{proposal.pk}/",
    ):
        assert mallory.get(address).status_code == 404, address
