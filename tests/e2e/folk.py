"""The demo's people at browsers, with authenticators whose codes work once."""

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import Page, ViewportSize, expect

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.common.clock import database_now
from apps.demo.people import PEOPLE, device_of, find_user
from tests.e2e import look
from tests.e2e.house import House
from tests.e2e.visiting import Visit

PATIENCE_S = 90
# Pages, or what they say, that no other test shows.
ONLY_HERE = {
    "api-tokens",
    "emergency-wrong-code",
    "home-first-day",
    "pack",
    "packs",
    "packs-empty",
    "reviews-proven",
    "sync-abroad",
}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Folk:
    """Who visits the house, each in a browser of their own, and the pictures they take."""

    house: House
    visit: Visit
    pictures: int = 0
    pages: dict[str, Page] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for old in look.pictures().glob("[0-9][0-9]-*.png"):
            old.unlink()

    def user(self, key: str) -> User:
        """The account behind a name of the demo."""
        [email] = [person.email for person in PEOPLE if person.key == key]
        user = find_user(email)
        assert user is not None, f"{email} was not loaded"
        return user

    def code(self, key: str) -> str:
        """A code that was never used; waits for the next one when all that work are spent."""
        user = self.user(key)
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            now, device = database_now(), device_of(user)
            step = timedelta(seconds=device.step)
            for at in (now - step, now, now + step):
                if int(at.timestamp()) // device.step > device.last_t:
                    return accounts.current_code(device, at=at)
            time.sleep(0.5)
        raise AssertionError(f"{user.email} had no unused code for {PATIENCE_S} s")

    def page(self, key: str) -> Page:
        """The person's own page, signed in on the first call."""
        if key not in self.pages:
            page = self.pages[key] = self.visit.page()
            self.give_password(page, key)
            self.give_code(page, key)
        return self.pages[key]

    def give_password(self, page: Page, key: str) -> None:
        """The first step of signing in."""
        page.goto(self.visit.url("accounts:signin"))
        page.get_by_label("E-mail address").fill(self.user(key).email)
        told = json.loads((self.house.data / "demo.json").read_text())
        page.get_by_label("Password").fill(told["passphrase"])
        page.get_by_role("button", name="Continue").click()

    def give_code(self, page: Page, key: str) -> None:
        """The second step."""
        page.get_by_label("Code").fill(self.code(key))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/signin/" not in url)

    def arrive(self, page: Page, title: str) -> None:
        """Wait until the page of that title stands there; a click alone may still be under way."""
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        page.wait_for_load_state()

    def keep(self, page: Page, name: str) -> None:
        """Picture the page in the order of the story. Pages whose own tests hold them to the rules
        both wide and light, and narrow and dark, are held here to one of these in turn."""
        self.pictures += 1
        held = look.ONCE_EACH if name in ONLY_HERE else [look.ONCE_EACH[self.pictures % 2]]
        look.keep(page, f"{self.pictures:02d}-{name}", held=held)

    def snap(self, page: Page, name: str) -> None:
        """Picture what the window shows now."""
        self.pictures += 1
        look.snap(page, f"{self.pictures:02d}-{name}")

    def sign_decision(self, page: Page, key: str) -> None:
        """Fill the code that a decision asks for."""
        page.get_by_label("Code from your authenticator app").fill(self.code(key))
