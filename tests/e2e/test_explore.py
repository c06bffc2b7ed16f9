"""Unfold's own pages work without eval, inline script and other hosts."""

import pytest
from playwright.sync_api import expect

from tests.cast import Cast
from tests.e2e import look
from tests.e2e.visiting import Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.e2e.explore_urls"),
]


def test_a_list_is_searched_filtered_and_opened(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "alice")
    page.goto(visit.home + "/explore/")
    look.keep(page, "explore")
    page.goto(visit.home + "/explore/tenancy/membership/")
    look.keep(page, "explore-list")
    page.keyboard.press("/")
    page.keyboard.type("auditor\n")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="Filters").click()
    look.snap(page, "explore-filters")
    page.get_by_role("link", name="Operator").click()
    page.goto(visit.home + "/explore/tenancy/membership/")
    page.locator("#result_list tbody a").first.click()
    expect(page.locator("#content-main")).to_be_visible()
    look.keep(page, "explore-one")
