"""A browser, a served console, and people who sign in through its pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from tests.cast import PASSWORD, Cast, fresh_code, make_cast
from tests.e2e.guard import Guard

# Chromium draws its address bar's popup in two pages of its own for every visitor, which costs more
# than the visitor's page. The last list of such names counts, so Playwright's goes with ours.
NOT_NEEDED = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
SWITCHES = ("--no-sandbox", f"--disable-features={','.join(NOT_NEEDED)}")


@dataclass
class Visit:
    """The way into the console by browser. All its pages are under one guard."""

    home: str
    browser: Browser
    guard: Guard
    contexts: list[BrowserContext] = field(default_factory=list)

    def url(self, name: str, *args: object) -> str:
        """The full address of a named route."""
        return self.home + reverse(name, args=args)

    def page(self) -> Page:
        """A page of somebody who is not signed in, in a browser of their own."""
        context = self.browser.new_context(
            viewport={"width": 1440, "height": 900},
            locale="en-GB",
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        return self.guard.watch(context.new_page())

    def as_person(self, cast: Cast, name: str) -> Page:
        """A page on which a person of the cast has signed in, with password and code."""
        page = self.page()
        self.sign_in(page, cast.people[name])
        page.wait_for_url(self.home + "/")
        return page

    def sign_in(self, page: Page, user: User) -> None:
        """Go through both steps; where that ends depends on the person's tenants."""
        page.goto(self.url("accounts:signin"))
        page.get_by_label("E-mail address").fill(user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Code").fill(fresh_code(user))
        page.get_by_role("button", name="Sign in").click()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    yield from opened_browser(chromium)


def opened_browser(chromium: str) -> Iterator[Browser]:
    """Chromium until the generator ends. Until then Playwright keeps an event loop in this thread,
    beside which Django refuses to work unless told that nothing runs in it."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def stage(transactional_db: None) -> Cast:
    """A committed cast with tenants of its own."""
    return make_cast()


@pytest.fixture
def visit(live_server: LiveServer, browser: Browser) -> Iterator[Visit]:
    """Visits to the served console; the guard has the last word."""
    visit = Visit(live_server.url, browser, Guard(live_server.url))
    yield visit
    for context in visit.contexts:
        context.close()
    visit.guard.check()
