"""Signing in, the overview, and people: the shell that every page stands in."""

import re

import pytest
from playwright.sync_api import expect

from apps.common.clock import database_now
from apps.crm.models import Connection
from apps.llm.models import Endpoint
from apps.residency.models import Zone
from tests.cast import PASSWORD, Cast
from tests.e2e import look
from tests.e2e.visiting import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_admin_signs_in_and_finds_the_overview_and_people(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "alice")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    look.keep(page, "home")
    page.get_by_role("link", name="People", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    look.keep(page, "people")


def test_the_overview_of_a_busy_tenant(visit: Visit, stage: Cast) -> None:
    with stage.at_acme():
        zone = Zone.objects.create(name="EU core", slug="eu-core", jurisdictions=["DE", "FR"])
        legal = Zone.objects.create(name="DE legal", slug="de-legal", jurisdictions=["DE"])
        for name, state in (("acme-prod", "healthy"), ("acme-hr", "failing")):
            Connection.objects.create(
                name=name,
                host=f"{name}.my.salesforce.com",
                zone=zone,
                flow="jwt_bearer",
                client_id="3MVG9",
                state=state,
                last_error="Its IP allow-list refuses us." if state == "failing" else "",
                checked_at=database_now(),
            )
        for name, state, place in (("Mistral", "healthy", zone), ("Llama", "checking", legal)):
            Endpoint.objects.create(
                name=name, base_url=f"https://{name}.example", zone=place, model="m", state=state
            )
    page = visit.as_person(stage, "alice")
    expect(page.get_by_text("1 of 2 orgs healthy.")).to_be_visible()
    expect(page.get_by_role("heading", name="Needs you now")).to_be_visible()
    look.keep(page, "home-busy")


def test_the_sign_in_pages_can_be_used_by_everyone(visit: Visit, stage: Cast) -> None:
    page = visit.page()
    page.goto(visit.url("accounts:signin"))
    look.keep(page, "signin")
    page.get_by_label("E-mail address").fill(stage.alice.email)
    page.get_by_label("Password").fill("not the password at all")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    expect(page.get_by_label("E-mail address")).to_have_value(stage.alice.email)
    look.keep(page, "signin-wrong")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    look.keep(page, "signin-code")


def test_the_theme_the_menu_and_the_tenant_can_be_changed(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "alice")
    page.get_by_text(stage.alice.email).click()
    look.snap(page, "account-menu")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.reload()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("link", name="Overview")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Overview")).to_be_visible()
    look.snap(page, "menu-on-a-phone")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Overview")).to_be_hidden()
