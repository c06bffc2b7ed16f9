"""The ledger's pages as people see them."""

import pytest
from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.ledger import services as ledger
from apps.ledger import signing
from tests.cast import Cast
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.ledger.sequencing import HOST, KEYS, sequence_all


@pytest.fixture(autouse=True)
def signing_keys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LEDGER_ORIGIN = HOST
    monkeypatch.setattr(signing, "_introduced", [lambda: KEYS])


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_auditor_narrows_the_ledger_and_reads_an_event(visit: Visit, stage: Cast) -> None:
    with stage.at_acme():
        for number in range(60):
            ledger.record(
                actor=stage.alice,
                action="tenancy.member.added",
                target=stage.acme,
                at=database_now(),
                data={"user": str(stage.bob.pk), "role": "operator", "attempt": number},
            )
    page = visit.as_person(stage, "otto")
    sequence_all()
    page.goto(visit.url("ledger:events"))
    look.keep(page, "ledger")
    page.get_by_label("Who").select_option(label="Alice")
    page.get_by_role("link", name="7 days").click()
    page.get_by_label("What happened").select_option(label="Gave a person a role")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Remove: Gave a person a role")).to_be_visible()
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()
    look.keep(page, "ledger-narrowed")
    page.get_by_role("link", name="Gave a person a role").nth(1).click()
    expect(page.get_by_text("Matches its hash", exact=True)).to_be_visible()
    page.get_by_role("link", name="Verify now").click()
    expect(page.get_by_text("Nothing speaks against it")).to_be_visible()
    look.keep(page, "ledger-event")
    page.get_by_role("link", name="Whole path").click()
    look.keep(page, "ledger-path")
