"""Connecting an org, taking a snapshot and approving scopes, as people see it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.crm import tasks
from apps.crm.models import Connection, Snapshot
from tests.cast import Cast, fresh_code
from tests.crm import orgs
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.fakes.sandbox import RunningSandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_admin_connects_an_org_reads_it_and_approves_scopes(
    visit: Visit,
    stage: Cast,
    sandbox: RunningSandbox,
) -> None:
    page = visit.as_person(stage, "alice")
    page.goto(visit.url("crm:connections"))
    look.keep(page, "orgs-empty")
    with stage.at_acme():
        orgs.make_zone()
    page.get_by_role("link", name="Connect your first org").click()
    page.get_by_label("Name in this console").fill("acme-prod")
    page.get_by_label("My Domain host").fill("https://acme.my.salesforce.com/")
    page.get_by_label("Zone").select_option(label="EU core")
    page.get_by_label("Consumer key").fill(sandbox.info["consumer_key"])
    page.get_by_label("User name in the org").fill(sandbox.info["username"])
    page.get_by_role("button", name="Connect this org").click()
    expect(page.get_by_text("Leave out https://")).to_be_visible()
    look.keep(page, "org-connect")
    page.get_by_label("My Domain host").fill(orgs.host_of(sandbox))
    key = Path(sandbox.info["private_key"]).read_text()
    page.get_by_label("Private key (PEM)").fill(key)
    page.get_by_label("Code").fill(fresh_code(stage.alice))
    page.get_by_role("button", name="Connect this org").click()
    expect(page.get_by_text("Checking", exact=True)).to_be_visible()
    with stage.at_acme():
        connection = Connection.objects.get()
    orgs.check(stage, connection)
    expect(page.get_by_text("The console can sign in")).to_be_visible()  # by itself
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_text("0 of 9")).to_be_visible()
    look.keep(page, "snapshot-running")
    with stage.at_acme():
        snapshot = Snapshot.objects.get()
    tasks.read_snapshot(tenant_id=str(stage.acme.pk), snapshot_id=str(snapshot.pk))
    expect(page.get_by_text("Complete: the org's counts")).to_be_visible()  # by itself
    look.keep(page, "snapshot")
    page.goto(visit.url("crm:connections"))
    look.keep(page, "orgs")
    page.goto(visit.url("crm:connection", connection.pk))
    look.keep(page, "org")
    page.goto(visit.url("posture:apps"))
    look.keep(page, "apps")
    page.get_by_role("link", name="Contract Copilot").click()
    page.get_by_role("link", name="Approve these scopes as baseline…").click()
    look.keep(page, "baseline-approve")
    page.get_by_label("Code from your authenticator app").fill(fresh_code(stage.alice))
    page.get_by_role("button", name="Approve these scopes as baseline").click()
    expect(page.get_by_role("link", name="Ledger entry")).to_be_visible()
    _look_at_drift(visit, page, stage, sandbox)


def _look_at_drift(
    visit: Visit,
    page: Page,
    stage: Cast,
    sandbox: RunningSandbox,
) -> None:
    change = {
        "sobject": "ExtlClntAppOauthSettings",
        "where": {"MasterLabel": "Contract Copilot"},
        "values": {"OauthScopesMCP_API": True, "OauthScopesEINSTEIN_GPT_API": False},
    }
    sandbox.admin("POST", "change", json=change)
    with stage.at_acme():
        connection = Connection.objects.get()
    page.goto(visit.url("crm:connection", connection.pk))
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_text("0 of 9")).to_be_visible()
    with stage.at_acme():
        second = Snapshot.objects.get(state="queued")
    tasks.read_snapshot(tenant_id=str(stage.acme.pk), snapshot_id=str(second.pk))
    expect(page.get_by_text("Complete: the org's counts")).to_be_visible()  # by itself
    page.goto(visit.url("posture:apps"))
    look.keep(page, "apps-differ")
    page.get_by_role("link", name="Contract Copilot").click()
    look.keep(page, "app")
