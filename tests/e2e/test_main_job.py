"""The main job, clicked through from the first sign-in to the pack that verifies offline.

A minute of emergency access runs out by itself while the review is decided.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from tests.e2e.folk import Folk
from tests.e2e.guard import Guard
from tests.e2e.house import House, open_house
from tests.e2e.job import emergency, orgs, pack, review, sync
from tests.e2e.own_database import own_database
from tests.e2e.visiting import Visit, opened_browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for this file alone: nothing of it is left in this process for the tests after."""
    yield from opened_browser(chromium)


@pytest.fixture
def house(
    chromium: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[House]:
    with (
        django_db_blocker.unblock(),
        own_database() as database,
        open_house(tmp_path, database=database) as house,
    ):
        yield house


@pytest.fixture
def folk(house: House, browser: Browser) -> Iterator[Folk]:
    folk = Folk(house, Visit(house.url, browser, Guard(house.url)))
    yield folk
    for context in folk.visit.contexts:
        context.close()
    folk.visit.guard.check()


def test_the_main_job(folk: Folk, tmp_path: Path) -> None:
    orgs.sign_in(folk)
    orgs.connect(folk)
    orgs.read(folk)
    orgs.approve_baseline(folk)
    orgs.drift(folk)
    record = sync.inside(folk)[0]
    sync.outside(folk)
    _be_refused(folk)
    asked = emergency.ask(folk, record)
    campaign = review.open_one(folk)
    emergency.sign(folk, asked)
    token = emergency.use(folk, asked, record)
    _look_at_the_busy_overview(folk)
    revoked = review.decide(folk, campaign)
    review.sign(folk, campaign, revoked)
    emergency.over(folk, asked, token, record)
    pack.check(pack.download(folk, tmp_path))
    _look_around(folk)


def _be_refused(folk: Folk) -> None:
    page = folk.page("operator")
    page.goto(folk.visit.url("tenancy:members"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    expect(page.get_by_text("Who can change it", exact=True)).to_be_visible()
    folk.keep(page, "refused")


def _look_at_the_busy_overview(folk: Folk) -> None:
    page = folk.page("admin")
    page.goto(folk.house.url)
    expect(page.get_by_role("heading", name="Needs you now")).to_be_visible()
    folk.keep(page, "home-busy")


def _look_around(folk: Folk) -> None:
    page = folk.page("auditor")
    page.goto(folk.visit.url("ledger:events"))
    folk.keep(page, "ledger")
    _open_first(page)
    folk.keep(page, "ledger-event")
    admin = folk.page("admin")
    for name, route in (
        ("policy", "residency:policy"),
        ("endpoints", "llm:endpoints"),
        ("people", "tenancy:members"),
        ("api-tokens", "custody:tokens"),
    ):
        admin.goto(folk.visit.url(route))
        folk.keep(admin, name)


def _open_first(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/ledger/"))
