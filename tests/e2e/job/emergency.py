"""Emergency access: asked at a desk, signed on two phones, used, over by itself."""

import requests
from playwright.sync_api import Page, expect

from tests.e2e.folk import PHONE, Folk

WHY = (
    "Single sign-on has been down since 02:50 and the hearing in matter M-2231 begins at nine. "
    "Counsel needs the case's status to answer the court."
)
PAUSE_MS = 1_200  # after one wrong code the next is looked at a second later
SHORTEST = "1"  # minute; the form's own choices begin at fifteen


def ask(folk: Folk, record: str) -> str:
    """Mara asks to read one case for a minute. Answers the address of the request."""
    page = folk.page("operator")
    page.goto(folk.visit.url("breakglass:requests"))
    folk.keep(page, "emergency-empty")
    page.get_by_role("link", name="Request emergency access").first.click()
    page.get_by_label("Case", exact=True).fill("M-2231")
    page.get_by_label("What happened").fill(WHY)
    page.get_by_label("Org", exact=True).select_option(label="acme-prod")
    page.get_by_label("Object").fill("Case")
    page.get_by_label("Fields").fill("CaseNumber, Subject")
    page.get_by_label("Record ids").fill(record)
    folk.keep(page, "emergency-ask")
    choice = page.get_by_label("From the moment")
    choice.evaluate("(select, minutes) => { select.options[0].value = minutes }", SHORTEST)
    choice.select_option(SHORTEST)
    page.get_by_role("button", name="Read it once more").click()
    expect(page.get_by_text("Only you see this.")).to_be_visible()
    folk.keep(page, "emergency-draft")
    page.get_by_role("button", name="Ask for signatures").click()
    expect(page.locator(".c-state")).to_contain_text("Needs Legal and IT approval")
    return page.url


def sign(folk: Folk, address: str) -> None:
    """Legal first, with a slip of the thumb; then IT, which opens the access."""
    julia = _on_the_phone(folk, "legal", address)
    julia.get_by_label("Code from your authenticator app").fill("000000")
    julia.get_by_role("button", name="Approve 1 minute of access").click()
    expect(julia.locator(".c-error")).to_be_visible()
    expect(julia.get_by_text(WHY)).to_be_visible()
    folk.keep(julia, "emergency-wrong-code")
    julia.wait_for_timeout(PAUSE_MS)
    _approve(folk, julia, "legal")
    expect(julia.get_by_text("Signed. Needs IT approval before it opens.")).to_be_visible()
    ivo = _on_the_phone(folk, "it", address)
    folk.snap(ivo, "emergency-on-the-phone")
    folk.keep(ivo, "emergency-decide")
    _approve(folk, ivo, "it")
    expect(ivo.get_by_text("access for 1 minute has begun")).to_be_visible()


def use(folk: Folk, address: str, record: str) -> str:
    """Mara sees the token once and reads the case with it. Answers the token."""
    page = folk.page("operator")
    page.goto(address)
    folk.sign_decision(page, "operator")
    page.get_by_role("button", name="Show the token").click()
    expect(page.get_by_text("Copy this token now.")).to_be_visible()
    token = page.get_by_role("button", name="Copy the token").get_attribute("data-copy") or ""
    answer = call(folk, token, record)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()["values"]) >= {"CaseNumber", "Subject"}
    folk.keep(page, "emergency-token")
    page.goto(address)
    expect(page.get_by_text("Copy this token now.")).to_have_count(0)
    expect(page.get_by_role("button", name="Show the token")).to_have_count(0)
    folk.keep(page, "emergency-open")
    return token


def over(folk: Folk, address: str, token: str, record: str) -> None:
    """Nobody did anything: the access is over, its token refused, and the end is proven."""
    page = folk.page("operator")
    page.goto(address)
    for _ in range(45):
        if page.get_by_role("heading", name="Proof of the end").count():
            break
        page.wait_for_timeout(2_000)
        page.reload()
    expect(page.get_by_role("heading", name="Proof of the end")).to_be_visible()
    answer = call(folk, token, record)
    assert answer.status_code == 401, answer.text
    folk.keep(page, "emergency-over")
    page.goto(folk.visit.url("breakglass:requests"))
    folk.keep(page, "emergency-list")


def call(folk: Folk, token: str, record: str) -> requests.Response:
    """An elevated read, as a script of Mara's would do it."""
    return requests.get(
        f"{folk.house.url}/api/v1/emergency/records/Case/{record}/",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


def _on_the_phone(folk: Folk, key: str, address: str) -> Page:
    page = folk.page(key)
    page.set_viewport_size(PHONE)
    page.goto(address)
    page.get_by_role("link", name="Decide").click()
    expect(page.get_by_role("button", name="Approve 1 minute of access")).to_be_in_viewport()
    return page


def _approve(folk: Folk, page: Page, key: str) -> None:
    page.set_viewport_size(PHONE)
    folk.sign_decision(page, key)
    page.get_by_role("button", name="Approve 1 minute of access").click()
