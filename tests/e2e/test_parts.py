"""The parts that pages are made of, and what they do."""

import pytest
from playwright.sync_api import expect

from tests.cast import Cast
from tests.e2e import look
from tests.e2e.visiting import Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.e2e.gallery_urls"),
]


def test_every_part_can_be_read_by_everyone(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "alice")
    page.goto(visit.home + "/parts/")
    look.keep(page, "parts")


def test_parts_do_what_they_promise(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "alice")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(visit.home + "/parts/")
    before = page.locator("[data-countdown]").inner_text()
    expect(page.locator("[data-countdown]")).not_to_have_text(before, timeout=3000)
    page.get_by_role("button", name="Copy: 3MVG").click()
    assert page.evaluate("navigator.clipboard.readText()") == "3MVG9lKcPoNINVBIPJjdw1J9"
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr:focus")).to_contain_text("full")
    page.get_by_role("button", name="End access now").click()
    expect(page.get_by_role("dialog")).to_contain_text("End access for Mara Vogt now?")
    expect(page.get_by_role("button", name="Keep as it is")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="End access now")).to_be_focused()
