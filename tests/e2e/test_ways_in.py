"""The less usual ways in: a first device, several tenants, a lock, a refusal, no such page."""

import re

import pytest
from playwright.sync_api import expect

from apps.accounts import services as accounts
from apps.accounts.models import Authenticator, User
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.tenancy import services as tenancy
from apps.tenancy.models import Tenant
from apps.tenancy.roles import Role
from tests.cast import INSTALLER, PASSWORD, Cast, fresh_code
from tests.e2e import look
from tests.e2e.visiting import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def give(user: User, tenant: Tenant, role: Role) -> None:
    with scoped(tenant_id=tenant.pk, user_id=user.pk, login=user.email):
        tenancy.enrol(actor=INSTALLER, user=user, role=role, now=database_now())


def test_a_newcomer_sets_up_the_second_step(visit: Visit, stage: Cast) -> None:
    address = stage.alice.email.replace("alice", "nora")
    nora = tenancy.create_user(email=address, name="Nora Quist", password=PASSWORD)
    page = visit.page()
    page.goto(visit.url("accounts:signin"))
    page.get_by_label("E-mail address").fill(nora.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your second step")
    look.keep(page, "enrol")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("That code is not right")).to_be_visible()
    with scoped(user_id=nora.pk):
        device = Authenticator.objects.get(user=nora, confirmed=False)
        Authenticator.objects.filter(pk=device.pk).update(
            throttling_failure_count=0, throttling_failure_timestamp=None
        )
        code = accounts.current_code(device, at=database_now())
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep these recovery codes")
    expect(page.locator(".c-codes li")).to_have_count(10)
    look.keep(page, "recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You belong to no tenant yet")
    look.keep(page, "no-tenant")


def test_someone_with_two_tenants_chooses_and_changes(visit: Visit, stage: Cast) -> None:
    give(stage.mallory, stage.acme, Role.AUDITOR)
    page = visit.page()
    visit.sign_in(page, stage.mallory)
    expect(page.get_by_role("heading", level=1)).to_have_text("Where do you want to work?")
    look.keep(page, "choose")
    page.get_by_role("button", name="Acme").click()
    expect(page.get_by_label("You are here")).to_contain_text("Acme")
    page.locator("summary", has_text="Tenant").click()
    page.get_by_role("button", name="Work in Globex").click()
    expect(page.get_by_label("You are here")).to_contain_text("Globex")


def test_a_refusal_says_what_and_who_can_change_it(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "lena")
    page.goto(visit.url("tenancy:members"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    expect(page.get_by_text("Who can change it", exact=True)).to_be_visible()
    look.keep(page, "refused")
    page.goto(visit.home + "/no/such/page/")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    look.keep(page, "not-found")


def test_guessing_locks_and_says_for_how_long(visit: Visit, stage: Cast) -> None:
    page = visit.page()
    page.goto(visit.url("accounts:signin"))
    for _ in range(5):
        page.get_by_label("E-mail address").fill(stage.rita.email)
        page.get_by_label("Password").fill("a wrong password")
        page.get_by_role("button", name="Continue").click()
        page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_have_text("Too many wrong passwords")
    look.keep(page, "locked-out")


def test_a_role_is_given_and_taken_away(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "alice")
    page.goto(visit.url("tenancy:members"))
    page.get_by_label("E-mail address").fill("nobody.here@example.org")
    page.get_by_label("Role", exact=True).select_option(label="Auditor")
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_text("Nobody has an account with that")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value("nobody.here@example.org")
    page.get_by_label("E-mail address").fill(stage.bob.email)
    page.get_by_label("Code").fill(fresh_code(stage.alice))
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_role("status")).to_contain_text("Bob now is Auditor")
    page.get_by_role("link", name="Take Auditor away from Bob").click()
    look.keep(page, "people-asked")
    page.get_by_label("Code").fill(fresh_code(stage.alice))
    page.get_by_role("button", name="Take the role away").click()
    expect(page.get_by_role("status")).to_contain_text("Bob no longer is Auditor")
    page.get_by_role("link", name="Take Tenant admin away from Alice").click()
    page.get_by_label("Code").fill(fresh_code(stage.alice))
    page.get_by_role("button", name="Take the role away").click()
    expect(page.get_by_text("last tenant admin")).to_be_visible()
    look.keep(page, "refused-last-admin")
    page.get_by_role("link", name="Keep the role").click()
    expect(page).to_have_url(re.compile("/people/$"))
