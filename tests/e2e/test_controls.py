"""Pages of the catalogue and of a pack's links, as the auditor sees them."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from apps.common.clock import database_now
from apps.evidence import keys, services
from apps.evidence.catalogue import services as checking
from apps.evidence.catalogue.checks import all_checks
from apps.evidence.models import CheckRun
from tests.architecture.world import make_world
from tests.cast import Cast, fresh_code
from tests.e2e import look
from tests.e2e.visiting import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(keys, "authority_directory", lambda: tmp_path / "pki")


def test_an_auditor_reads_how_the_controls_stand(visit: Visit, stage: Cast) -> None:
    page = visit.as_person(stage, "otto")
    page.goto(visit.url("evidence:controls"))
    expect(page.get_by_text("Nothing has been checked yet")).to_be_visible()
    page.get_by_role("button", name="Run the checks now").click()
    expect(page.get_by_text("The checks are being run").first).to_be_visible()
    with stage.at_acme():
        run_id = CheckRun.objects.get().pk
    make_world(stage.acme, stage.alice, size=2)
    checking.run_checks(
        tenant_id=stage.acme.pk, run_id=run_id, checks=list(all_checks().values()),
        now=database_now(),
    )  # fmt: skip
    needs = page.get_by_role("heading", name="What needs somebody")
    expect(needs).to_be_visible(timeout=20_000)  # by itself
    look.keep(page, "controls")
    page.get_by_role("link", name="SCP-1 Inventory of apps and scopes").first.click()
    expect(page.get_by_role("heading", name="How that changed")).to_be_visible()
    look.keep(page, "control")
    page.goto(visit.url("evidence:controls") + "?requirement=gdpr:30")
    look.keep(page, "controls-by-requirement")
    page.goto(visit.url("evidence:framework") + "?code=gdpr")
    look.keep(page, "controls-framework")


def test_an_auditor_sees_who_took_a_pack_and_withdraws_a_link(visit: Visit, stage: Cast) -> None:
    now = database_now()
    with stage.at_acme("otto") as otto:
        pack = services.request_pack(
            actor=otto, title="Fourth quarter", first=now.date(), last=now.date(), now=now
        )
        services.begin_building(pack_id=pack.pk, now=now)
        services.finish(pack_id=pack.pk, pdf=bytes(3_000_000), events=7, now=now)
    page = visit.as_person(stage, "otto")
    page.goto(visit.url("evidence:pack", pack.pk))
    expect(page.get_by_text("Nobody has taken this pack yet")).to_be_visible()
    page.get_by_label("Code from your authenticator app").fill(fresh_code(otto))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the PDF").click()
    assert waiting.value.path().stat().st_size == 3_000_000
    page.goto(visit.url("evidence:pack", pack.pk))
    expect(page.get_by_role("cell", name="1 ×")).to_be_visible()
    look.keep(page, "pack-links")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("status").first).to_contain_text("no longer works")
