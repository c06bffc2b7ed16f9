"""In the browser: a policy is published, a job is made, refused, run and followed to its end."""

from threading import Thread

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from apps.sync import tasks
from apps.sync.models import Run
from tests.cast import Cast
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.fakes.sandbox import RunningSandbox
from tests.sync import staging
from tests.sync.staging import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def acme(stage: Cast, sandbox: RunningSandbox) -> Stage:
    """Committed, so that the served console sees it."""
    return staging.stage(stage, sandbox)


def work(tenant_id: str, run_id: str) -> None:
    """What the worker does, beside the browser."""
    tasks.run_job(tenant_id=tenant_id, run_id=run_id)
    connections.close_all()


def fill_job(page: Page, name: str, endpoint: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("From org").select_option(label="acme-prod (EU core)")
    page.get_by_label("To endpoint").select_option(label=endpoint)


def test_a_job_from_its_form_to_its_last_record(visit: Visit, acme: Stage) -> None:
    bob = visit.as_person(acme.cast, "bob")
    bob.goto(visit.url("sync:jobs"))
    look.keep(bob, "sync-empty")
    bob.goto(visit.url("sync:create"))
    fill_job(bob, "Summaries", "Model in US east (US east)")
    expect(bob.get_by_text("Would be refused")).to_be_visible()
    look.keep(bob, "sync-new")
    bob.get_by_label("To endpoint").select_option(label="Model in EU core (EU core)")
    expect(bob.get_by_text("Would run")).to_be_visible()
    bob.get_by_role("button", name="Make the job").click()
    look.keep(bob, "sync-job")
    bob.get_by_role("button", name="Start a run").click()
    expect(bob.get_by_text("Waiting for a worker.")).to_be_visible()
    with acme.cast.at_acme():
        run = Run.objects.get()
    worker = Thread(target=work, args=[str(acme.cast.acme.pk), str(run.pk)])
    worker.start()
    expect(bob.get_by_text("summarised and written back")).to_be_visible(timeout=30_000)
    worker.join(30)
    look.keep(bob, "sync-run-done")
    bob.goto(visit.url("sync:jobs"))
    look.keep(bob, "sync-jobs")


def test_a_refused_run_on_its_page(visit: Visit, acme: Stage) -> None:
    run = acme.work_off(acme.start(acme.job(acme.far)))
    otto = visit.as_person(acme.cast, "otto")
    otto.goto(visit.url("sync:run", run.pk))
    expect(otto.get_by_text("Nothing was sent.")).to_be_visible()
    look.keep(otto, "sync-run-refused")


def test_a_policy_in_force_changed_and_proposed(visit: Visit, acme: Stage) -> None:
    alice = visit.as_person(acme.cast, "alice")
    alice.goto(visit.url("residency:policy"))
    look.keep(alice, "policy")
    form = alice.locator("form", has=alice.get_by_role("heading", name="Add a zone"))
    form.get_by_label("Name").fill("Islands")
    form.get_by_label("Lies in").fill("UK")
    form.get_by_role("button", name="Add the zone").click()
    expect(alice.get_by_text("The United Kingdom is GB.")).to_be_visible()
    form.get_by_label("Lies in").fill("GB, IE")
    form.get_by_role("button", name="Add the zone").click()
    expect(alice.get_by_text("Zone added: Islands (GB, IE)")).to_be_visible()
    alice.get_by_role("link", name="Review and propose").click()
    look.keep(alice, "policy-publish")
    alice.get_by_role("link", name="Propose this policy").click()
    alice.get_by_label("Why").fill("The Islands' branch opens in December.")
    alice.get_by_role("button", name="Propose this change").click()
    expect(alice.get_by_text("Islands").first).to_be_visible()
    look.keep(alice, "policy-proposed")


def test_the_registry_of_endpoints(visit: Visit, acme: Stage) -> None:
    alice = visit.as_person(acme.cast, "alice")
    alice.goto(visit.url("llm:endpoints"))
    look.keep(alice, "endpoints")
    alice.get_by_role("link", name="Register an endpoint").click()
    alice.get_by_label("Name").fill("Paris models")
    alice.get_by_label("Address").fill("http://llm.example.org")
    alice.get_by_label("Zone it stands in").select_option(index=1)
    alice.get_by_label("Model").fill("m")
    alice.get_by_label("Key").fill("k")
    alice.get_by_label("code").fill("123456")
    alice.get_by_role("button", name="Register the endpoint").click()
    expect(alice.get_by_text("The address must begin with https://.")).to_be_visible()
    look.keep(alice, "endpoint-register")
