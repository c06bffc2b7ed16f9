"""The lockout page and an org's health as people see them."""

import pytest
from playwright.sync_api import expect

from tests.cast import Cast
from tests.crm import orgs
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.fakes.sandbox import RunningSandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_admin_finds_out_why_the_org_does_not_let_the_console_in(
    visit: Visit, stage: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.check(stage, orgs.connect(stage, sandbox))
    sandbox.fault("request_limit", when="always", path="/query")
    orgs.check(stage, connection)
    page = visit.as_person(stage, "alice")
    page.goto(visit.url("crm:connection", connection.pk))
    look.keep(page, "org-health")
    page.get_by_role("link", name="Why are we locked out?").click()
    expect(page.get_by_text("The allowance of API requests is spent").first).to_be_visible()
    look.keep(page, "lockout")
    sandbox.clear_faults()
    sandbox.fault("token_ip_restricted", when="always")
    sandbox.admin("POST", "expire")
    orgs.check(stage, connection)
    page.reload()
    expect(page.get_by_text("Probably: the console's address is not allowed")).to_be_visible()
    look.keep(page, "lockout-several")
    sandbox.clear_faults()
    orgs.check(stage, connection)
    page.reload()
    expect(page.get_by_text("Nothing keeps the console out of this org.")).to_be_visible()
    look.keep(page, "lockout-over")
