"""Pages of the ledger's checks, exports and retention, as an auditor and an admin see them."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from apps.common.clock import database_now
from apps.ledger import retention, signing, tasks
from apps.ledger.models import LogExport, Verification
from tests.cast import fresh_code
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.ledger.kept_log import kept_log
from tests.ledger.sequencing import KEYS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(signing, "_introduced", [lambda: KEYS])


def test_an_auditor_verifies_and_takes_the_ledger(visit: Visit) -> None:
    log = kept_log(60)
    page = visit.as_person(log.cast, "otto")
    page.goto(visit.url("ledger:verifications"))
    expect(page.get_by_text("has not been verified yet")).to_be_visible()
    page.get_by_role("button", name="Verify everything now").click()
    expect(page.get_by_text("The ledger is being verified").first).to_be_visible()
    tasks.verify_log(tenant_id=str(log.tenant), full="1")
    expect(page.get_by_text("As signed").first).to_be_visible(timeout=20_000)  # by itself
    look.keep(page, "ledger-verified")
    with log.cast.at_acme():
        now = database_now()
        words = ["event 018f at position 40 is not what was signed", "the entries do not fit"]
        Verification.objects.create(
            started_at=now, finished_at=now, actor="service:ledger", began_with=0, size=60,
            root=bytes(32), code=5, findings=words, not_proved=["anything"],
        )  # fmt: skip
    page.goto(visit.url("ledger:verifications"))
    expect(page.get_by_text("The ledger is damaged")).to_be_visible()
    look.keep(page, "ledger-damaged")
    page.goto(visit.url("ledger:exports"))
    page.get_by_label("Code").fill(fresh_code(log.cast.otto))
    page.get_by_role("button", name="Write an export").click()
    expect(page.get_by_text("The export is being written").first).to_be_visible()
    look.keep(page, "ledger-exports")
    with log.cast.at_acme():
        row = LogExport.objects.get()
    tasks.write_export(tenant_id=str(log.tenant), export_id=str(row.pk))
    being_written = page.get_by_text("The export is being written")
    expect(being_written).to_have_count(0, timeout=20_000)  # by itself
    page.wait_for_load_state()
    page.goto(visit.url("ledger:export", row.pk))
    look.keep(page, "ledger-export")


def test_an_admin_sees_how_long_events_are_kept(visit: Visit) -> None:
    log = kept_log(12)
    with log.cast.at_acme("lena") as lena:
        retention.place_hold(actor=lena, reason="case 00013377", now=database_now())
    page = visit.as_person(log.cast, "alice")
    page.goto(visit.url("ledger:retention"))
    expect(page.get_by_text("1 legal hold keeps everything")).to_be_visible()
    look.keep(page, "ledger-retention")
