"""A night in the browser: asked at a desk, signed on two phones, used, ended, proven."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from apps.breakglass import services
from apps.breakglass.models import Request
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from tests.breakglass.conftest import MATTER, WHY, Emergency, make_emergency
from tests.cast import Cast, fresh_code
from tests.e2e import look
from tests.e2e.visiting import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def night(stage: Cast) -> Iterator[Emergency]:
    yield make_emergency(stage)


def _ask(page: Page, visit: Visit, night: Emergency) -> None:
    page.goto(visit.url("breakglass:ask"))
    look.keep(page, "emergency-ask")
    page.get_by_label("Case", exact=True).fill("00013377")
    page.get_by_label("What happened").fill(WHY)
    page.get_by_label("Org", exact=True).select_option(label=night.org.name)
    page.get_by_label("Object").fill("Matter__c")
    page.get_by_label("Fields").fill("Name, Status__c")
    page.get_by_label("Record ids").fill(MATTER)
    page.get_by_label("From the moment").select_option(label="2 hours")
    page.get_by_role("button", name="Read it once more").click()
    expect(page.get_by_text("Only you see this.")).to_be_visible()
    look.keep(page, "emergency-draft")
    page.get_by_role("button", name="Ask for signatures").click()
    expect(page.get_by_text("Needs Legal and IT approval")).to_be_visible()


def _sign(visit: Visit, night: Emergency, name: str, request: Request) -> Page:
    page = visit.as_person(night.cast, name)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(visit.url("breakglass:decide", request.pk))
    expect(page.get_by_text(WHY)).to_be_visible()
    if name == "ivan":
        look.keep(page, "emergency-decide")
        page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("Code from your authenticator app").fill(fresh_code(night.cast.people[name]))
    page.get_by_role("button", name="Approve 2 hours of access").click()
    return page


def test_a_night(visit: Visit, night: Emergency) -> None:
    bob = visit.as_person(night.cast, "bob")
    bob.goto(visit.url("breakglass:requests"))
    look.keep(bob, "emergency-empty")
    _ask(bob, visit, night)
    with night.cast.at_acme("bob"):
        request = Request.objects.get()

    lena = _sign(visit, night, "lena", request)
    expect(lena.get_by_text("Signed. Needs IT approval before it opens.")).to_be_visible()
    ivan = _sign(visit, night, "ivan", request)
    expect(ivan.get_by_text("access for 2 hours has begun")).to_be_visible()

    bob.goto(visit.url("breakglass:request", request.pk))
    look.keep(bob, "emergency-active")
    bob.get_by_label("Code from your authenticator app").fill(fresh_code(night.cast.bob))
    bob.get_by_role("button", name="Show the token").click()
    expect(bob.get_by_text("Copy this token now.")).to_be_visible()
    look.keep(bob, "emergency-token")
    bob.get_by_role("button", name="end access").click()
    sure = bob.get_by_role("dialog")
    if sure.is_visible():
        sure.get_by_role("button").last.click()
    expect(bob.get_by_text("The access has ended.")).to_be_visible()

    with night.cast.at_acme("bob"):
        services.rotate(actor=ServiceActor("breakglass"), request_id=request.pk, now=database_now())
    bob.goto(visit.url("breakglass:request", request.pk))
    expect(bob.get_by_role("heading", name="Proof of the end")).to_be_visible()
    look.keep(bob, "emergency-closed")
    bob.goto(visit.url("breakglass:requests"))
    look.keep(bob, "emergency-list")
