"""A review at the desk and on the phone, by keys and by thumb."""

import pytest
from playwright.sync_api import Page, expect

from apps.reviews import selectors
from apps.reviews.models import Campaign
from tests.cast import Cast, fresh_code
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.reviews.made_up import make_connection, opened, small_snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def campaign(stage: Cast) -> Campaign:
    with stage.at_acme() as alice:
        return opened(alice, small_snapshot(make_connection()))


def test_an_admin_opens_a_review(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "alice")
    page.goto(visit.url("reviews:campaigns"))
    look.keep(page, "reviews-empty")
    with stage.at_acme():
        small_snapshot(make_connection())
    page.goto(visit.url("reviews:open"))
    look.keep(page, "reviews-open")
    page.get_by_role("button", name="Open the review").click()
    expect(page.locator(".c-state")).to_contain_text("3 of 3 items are undecided")
    look.keep(page, "reviews-campaign")


def test_a_reviewer_decides_by_keys_and_signs(
    visit: Visit, stage: Cast, campaign: Campaign
) -> None:
    page = visit.as_person(stage, "rita")
    page.goto(visit.url("reviews:campaign", campaign.pk))
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Revoke")).to_be_visible()
    look.keep(page, "reviews-item")
    _walk_to_the_next_and_back(page)
    page.keyboard.press("2")
    expect(page.get_by_text("The note is empty")).to_be_visible()
    page.get_by_label("Why").fill("Idle since spring, nobody knows the app.")
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator(".c-state")).to_contain_text("1 of 3 items are decided")
    page.keyboard.press("1")
    expect(page.locator(".c-state")).to_contain_text("2 of 3 items are decided")
    page.goto(visit.url("reviews:finish", campaign.pk))
    look.keep(page, "reviews-finish")
    page.get_by_label("Record 1 without a decision").check()
    page.get_by_label("Code from your authenticator app").fill(fresh_code(stage.rita))
    page.get_by_role("button", name="Sign and revoke 1 grant").click()
    expect(page.get_by_text("Proven gone by a read of the org: 0 of 1").first).to_be_visible()
    look.keep(page, "reviews-remediating")
    with stage.at_acme():
        counts = selectors.progress_of(campaign)
        assert (counts.revoked, counts.kept, counts.no_response) == (1, 1, 1)


def _walk_to_the_next_and_back(page: Page) -> None:
    first = page.url
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(first)


def test_a_reviewer_decides_on_the_phone(visit: Visit, stage: Cast, campaign: Campaign) -> None:
    page = visit.as_person(stage, "rita")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(visit.url("reviews:campaign", campaign.pk))
    page.get_by_role("link", name="Decide the next item").click()
    keep = page.get_by_role("button", name="Keep")
    expect(keep).to_be_in_viewport()
    keep.click()
    expect(page.locator(".c-state")).to_contain_text("1 of 3 items are decided")
