"""An access review: opened, decided by keys, signed, and proven in the org."""

from playwright.sync_api import Page, expect

from tests.e2e.folk import Folk

MOST_REVOKED = 2
NOTE = "Not needed for the work this account does."


def open_one(folk: Folk) -> str:
    """Alice opens it on the newest snapshot. Answers its address."""
    page = folk.page("admin")
    page.goto(folk.visit.url("reviews:campaigns"))
    folk.keep(page, "reviews-empty")
    page.get_by_role("link", name="Open").first.click()
    folk.arrive(page, "Open an access review")
    folk.keep(page, "reviews-open")
    page.get_by_role("button", name="Open the review").click()
    expect(page.locator(".c-state")).to_contain_text("undecided")
    return page.url


def decide(folk: Folk, address: str) -> int:
    """Rita decides every item without touching the mouse. Answers how many she revoked."""
    page = folk.page("reviewer")
    page.goto(address)
    folk.keep(page, "reviews-campaign")
    page.keyboard.press("n")
    expect(page.get_by_role("button", name="Keep")).to_be_visible()
    folk.keep(page, "reviews-item")
    revoked = 0
    while page.get_by_role("button", name="Keep").count():
        here, wanted = page.url, revoked < MOST_REVOKED and _should_go(page)
        _press(page, revoke=wanted)
        revoked += wanted
        expect(page).not_to_have_url(here)
    assert revoked == MOST_REVOKED
    expect(page.get_by_text("Every item is decided.")).to_be_visible()
    return revoked


def sign(folk: Folk, address: str, revoked: int) -> None:
    """She signs what is shown; each revocation counts once a later read shows it gone."""
    page = folk.page("reviewer")
    page.goto(address)
    page.get_by_role("link", name="Sign the review…").click()
    folk.arrive(page, "Sign the review")
    folk.keep(page, "reviews-sign")
    folk.sign_decision(page, "reviewer")
    page.get_by_role("button", name=f"Sign and revoke {revoked} grants").click()
    expect(page.get_by_text(f"{revoked} of {revoked}").first).to_be_visible(timeout=60_000)
    page.goto(address)
    expect(page.get_by_text("Proven gone", exact=False).first).to_be_visible()
    folk.keep(page, "reviews-proven")


def _should_go(page: Page) -> bool:
    """Whether the console suggests to revoke this one and may carry it out."""
    suggestion = page.locator("dt", has_text="Suggestion").locator("xpath=following-sibling::dd[1]")
    protected = page.get_by_text("A decision to revoke is recorded, but not carried out.")
    return suggestion.inner_text().startswith("Revoke") and not protected.count()


def _press(page: Page, *, revoke: bool) -> None:
    if revoke:
        page.get_by_label("Why").focus()
        page.keyboard.type(NOTE)
        page.keyboard.press("Tab")
    page.keyboard.press("2" if revoke else "1")
