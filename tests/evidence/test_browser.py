"""Asking for a pack at the desk and on the phone, by purpose."""

import pytest
from playwright.sync_api import expect

from apps.reviews.models import Campaign
from tests.cast import Cast
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.reviews.made_up import make_connection, opened, small_snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def campaign(stage: Cast) -> Campaign:
    with stage.at_acme() as alice:
        return opened(alice, small_snapshot(make_connection()))


def test_a_pack_is_asked_for_by_purpose(visit: Visit, stage: Cast, campaign: Campaign) -> None:
    page = visit.as_person(stage, "otto")
    page.goto(visit.url("evidence:packs"))
    look.keep(page, "packs-period")
    page.get_by_role("link", name="Access review", exact=True).click()
    page.get_by_label("What is it for?").fill("The autumn review")
    page.get_by_label("About").select_option(str(campaign.pk))
    page.get_by_label("Language").select_option("de")
    look.keep(page, "packs-review")
    page.get_by_role("button", name="Make the pack").click()
    expect(page.locator(".c-state")).to_contain_text("This pack is being made")
    look.keep(page, "pack-waiting")


def test_the_look_of_packs_is_set(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "otto")
    page.goto(visit.url("evidence:look"))
    look.keep(page, "packs-look")
    page.get_by_label("Language").select_option("de")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".c-state")).to_contain_text("Packs are written in Deutsch")
