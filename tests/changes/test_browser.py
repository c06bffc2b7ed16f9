"""A change in the browser: proposed at a desk, approved on a phone, applied, looked at."""

import pytest
from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from apps.changes.kinds.policy import TARGET
from apps.changes.models import Proposal
from tests.cast import Cast, fresh_code
from tests.changes.conftest import OFFICE, WHY, approve, carry_on, open_proposal
from tests.changes.test_org_networks import INSIDE, OUTSIDE, called, signed_in
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.residency.made import a_zone, classify, permit, publish_now
from tests.reviews import made_up

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_networks_from_desk_to_phone_and_back_by_themselves(visit: Visit, stage: Cast) -> None:
    """Proposed at a desk, approved on a phone; somebody nobody was shown calls; it is undone."""
    with stage.at_acme():
        org = made_up.make_connection()
    called(stage, org, INSIDE, INSIDE, OUTSIDE)
    bob = visit.as_person(stage, "bob")
    bob.goto(visit.url("changes:propose-org-networks", org.pk))
    expect(bob.get_by_text("it keeps nobody out")).to_be_visible()
    bob.get_by_label("Callers of this org may come from").fill(OFFICE)
    bob.get_by_label("Why").fill(WHY)
    look.keep(bob, "change-propose")
    bob.get_by_role("button", name="Propose this change").click()
    expect(bob.get_by_text("Nothing changes until somebody else approves")).to_be_visible()
    alice = visit.as_person(stage, "alice")
    alice.goto(visit.url("changes:proposals"))
    look.keep(alice, "changes")
    alice.get_by_role("link", name=org.name).click()
    expect(alice.get_by_text("This leaves outside 1 address that called lately")).to_be_visible()
    look.keep(alice, "change-decide")
    alice.set_viewport_size({"width": 390, "height": 844})
    alice.get_by_label("Code from your authenticator app").fill(fresh_code(stage.alice))
    alice.get_by_role("button", name="Approve this change").click()
    expect(alice.get_by_text("It is applied and checked in the background")).to_be_visible()
    signed_in(stage, org, "192.0.2.77")
    with stage.at_acme():
        proposal = Proposal.objects.get()
    carry_on(stage, proposal)
    alice.reload()
    expect(alice.get_by_text("Rolled back to the last good configuration.")).to_be_visible()
    look.keep(alice, "change-networks-rolled-back")
    alice.get_by_role("link", name="Rolled a change back").click()
    expect(alice.get_by_text("nobody else is kept out than was shown")).to_be_visible()
    look.keep(alice, "change-rolled-back-in-the-ledger")


def test_settings_and_policy_are_looked_at_before_and_after(
    visit: Visit, stage: Cast, settings: Settings
) -> None:
    """A policy's flows while it waits; an org's form; and settings that went back by themselves."""
    settings.EXTRA_ORG_HOSTS = ["localhost:1"]  # nobody listens there
    with stage.at_acme() as alice:
        zone = a_zone(alice, "EU core", "DE", "FR")
        classify(alice, "fit", "Subject", "Description")
        permit(alice, "fit-in-the-eu", "fit", "allow", zone.pk)
        publish_now(alice)
        permit(alice, "restricted-in-the-eu", "restricted", "mask", zone.pk)
        org = made_up.make_connection(client_id="3MVG9.bailiwick", username="console@acme.example")
    policy = open_proposal(stage, Proposal.Kind.FLOW_POLICY, TARGET)
    path = open_proposal(stage, Proposal.Kind.ZONE_PATH, org.zone_id, private_only=True)
    page = visit.as_person(stage, "alice")
    page.goto(visit.url("changes:propose-connection", org.pk))
    expect(page.get_by_label("New refresh token")).to_be_hidden()
    look.keep(page, "change-connection")
    page.get_by_label("Signs in by").select_option("client_credentials")
    expect(page.get_by_label("New private key")).to_be_hidden()
    page.get_by_label("New consumer secret").fill("not the right one")
    page.get_by_label("My Domain host").fill("localhost:1")
    page.get_by_label("Why").fill(WHY)
    page.get_by_role("button", name="Propose this change").click()
    expect(page.get_by_text("a new one")).to_be_visible()
    with stage.at_acme():
        change = Proposal.objects.get(kind=Proposal.Kind.CONNECTION)
    approve(stage, change, by="ivan")
    page.goto(visit.url("changes:proposal", change.pk))
    expect(page.get_by_text("0 of 2")).to_be_visible()
    look.keep(page, "change-under-way")
    carry_on(stage, change)
    page.goto(visit.url("changes:proposal", change.pk))
    expect(page.get_by_text("Rolled back to the last good configuration.")).to_be_visible()
    look.keep(page, "change-rolled-back")
    page.goto(visit.url("changes:proposal", policy.pk))
    expect(page.get_by_text("May go from now on").first).to_be_visible()
    look.keep(page, "change-policy")
    page.goto(visit.url("changes:proposal", path.pk))
    expect(page.get_by_text("Not called from now on")).to_be_visible()
    look.keep(page, "change-zone-path")
