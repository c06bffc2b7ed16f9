"""A change in the browser: proposed at a desk, approved on a phone, applied, looked at."""

import pytest
from playwright.sync_api import expect

from apps.changes.models import Proposal
from apps.common.clock import database_now
from apps.custody.callers import note_caller
from apps.custody.models import IssuedToken
from tests.cast import Cast, fresh_code
from tests.changes.conftest import OFFICE, WHY, carry_on, issue
from tests.e2e import look
from tests.e2e.visiting import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _called(cast: Cast, token: IssuedToken) -> None:
    with cast.at_acme():
        for address, times in (("203.0.113.9", 3), ("198.51.100.7", 2)):
            for _ in range(times):
                note_caller(token, address=address, admitted=True, now=database_now())


def test_a_change_from_desk_to_phone(visit: Visit, stage: Cast) -> None:
    token, _ = issue(stage)
    _called(stage, token)
    bob = visit.as_person(stage, "bob")
    bob.goto(visit.url("custody:tokens"))
    look.keep(bob, "tokens-with-networks")
    bob.get_by_role("link", name="Networks…").click()
    bob.get_by_label("It may be used from").fill(OFFICE)
    bob.get_by_label("Why").fill(WHY)
    look.keep(bob, "change-propose")
    bob.get_by_role("button", name="Propose this change").click()
    expect(bob.get_by_text("Nothing changes until somebody else approves")).to_be_visible()
    alice = visit.as_person(stage, "alice")
    alice.goto(visit.url("changes:proposals"))
    look.keep(alice, "changes")
    alice.get_by_role("link", name="nightly export").click()
    expect(alice.get_by_text("This keeps out 1 address")).to_be_visible()
    look.keep(alice, "change-decide")
    alice.set_viewport_size({"width": 390, "height": 844})
    alice.get_by_label("Code from your authenticator app").fill(fresh_code(stage.alice))
    alice.get_by_role("button", name="Approve this change").click()
    expect(alice.get_by_text("It is applied and checked in the background")).to_be_visible()
    with stage.at_acme():
        proposal = Proposal.objects.get()
    carry_on(stage, proposal)
    alice.reload()
    expect(alice.get_by_text("The token is fenced as approved.")).to_be_visible()
    look.keep(alice, "change-verified")
