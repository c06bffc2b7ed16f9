"""Signing in, connecting the org, reading it, and comparing it with a baseline."""

from playwright.sync_api import Page, expect

from tests.e2e.folk import Folk

APP = "Case Summariser"


def sign_in(folk: Folk) -> Page:
    """Alice, step by step."""
    page = folk.visit.page()
    page.goto(folk.visit.url("accounts:signin"))
    folk.keep(page, "signin")
    folk.give_password(page, "admin")
    folk.arrive(page, "Enter your code")
    folk.keep(page, "signin-code")
    folk.give_code(page, "admin")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    folk.keep(page, "home-first-day")
    folk.pages["admin"] = page
    return page


def connect(folk: Folk) -> None:
    """By JWT bearer; the page notices by itself that the org has answered."""
    page, org = folk.page("admin"), folk.house.org
    page.goto(folk.visit.url("crm:connections"))
    folk.keep(page, "orgs-empty")
    page.get_by_role("link", name="Connect your first org").click()
    page.get_by_label("Name in this console").fill("acme-prod")
    page.get_by_label("My Domain host").fill(org.host)
    page.get_by_label("Zone").select_option(label="EU core")
    page.get_by_label("Consumer key").fill(org.consumer_key)
    page.get_by_label("User name in the org").fill(org.username)
    page.get_by_role("button", name="Connect this org").click()
    expect(page.locator(".c-error").first).to_be_visible()  # the key is missing
    folk.keep(page, "org-connect")
    page.get_by_label("Private key (PEM)").fill(org.private_key_pem)
    page.get_by_label("Code").fill(folk.code("admin"))
    page.get_by_role("button", name="Connect this org").click()
    expect(page.get_by_text("The console can sign in")).to_be_visible(timeout=20_000)


def read(folk: Folk) -> None:
    """A snapshot, watched until it is complete without touching the page."""
    page = folk.page("admin")
    page.goto(folk.visit.url("crm:connections"))
    page.get_by_role("link", name="acme-prod").click()
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_text("Complete: the org's counts")).to_be_visible(timeout=30_000)


def approve_baseline(folk: Folk) -> None:
    """What the app holds now becomes what it may hold."""
    page = folk.page("admin")
    folk.keep(page, "snapshot")
    page.goto(folk.visit.url("crm:connections"))
    folk.keep(page, "orgs")
    page.get_by_role("link", name="acme-prod").click()
    folk.arrive(page, "acme-prod")
    folk.keep(page, "org")
    page.goto(folk.visit.url("posture:apps"))
    folk.keep(page, "apps")
    page.get_by_role("link", name=APP).click()
    page.get_by_role("link", name="Approve these scopes as baseline…").click()
    folk.arrive(page, f"Approve the scopes of {APP}")
    folk.keep(page, "baseline-approve")
    folk.sign_decision(page, "admin")
    page.get_by_role("button", name="Approve these scopes as baseline").click()
    expect(page.get_by_role("link", name="Ledger entry")).to_be_visible()


def drift(folk: Folk) -> None:
    """Somebody in the org grants more; the next reading shows it and the overview says so."""
    page = folk.page("admin")
    key = page.get_by_role("button", name="Copy the app's id").get_attribute("data-copy") or ""
    folk.house.org.change(
        "ExtlClntAppOauthSettings",
        where={"ExternalClientApplicationId": key},
        values={"OauthScopesFULL": True},
    )
    read(folk)
    page.goto(folk.visit.url("posture:apps"))
    folk.keep(page, "apps-differ")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=APP))
    expect(row).to_contain_text("Differs")
    row.get_by_role("link", name=APP).click()
    expect(page.locator("tr.c-differs").first).to_contain_text("full")
    folk.keep(page, "app-differs")
