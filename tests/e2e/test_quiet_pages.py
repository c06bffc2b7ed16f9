"""Pages that the main job does not pass: changing a zone, publishing, refusing, ending."""

import pytest
from playwright.sync_api import expect

from apps.common.clock import database_now
from apps.residency import services as residency
from tests.breakglass.conftest import make_emergency
from tests.cast import Cast
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.reviews.made_up import make_connection, opened, small_snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_admin_changes_what_data_may_do(visit: Visit, stage: Cast) -> None:
    with stage.at_acme() as alice:
        zone = residency.add_zone(
            actor=alice, name="EU core", jurisdictions=["DE"], now=database_now()
        )
    page = visit.as_person(stage, "alice")
    page.goto(visit.url("residency:policy"))
    page.get_by_label("Field", exact=True).fill("Subject")
    page.get_by_role("button", name="Classify the field").click()
    expect(page.get_by_text("Case.Subject").first).to_be_visible()
    page.goto(visit.url("residency:publish"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look.keep(page, "policy-publish")
    page.goto(visit.url("residency:change-zone", zone.pk))
    look.keep(page, "zone")
    page.goto(visit.url("llm:register"))
    look.keep(page, "endpoint-register")


def test_an_approver_refuses_with_a_reason(visit: Visit, stage: Cast) -> None:
    night = make_emergency(stage)
    with stage.at_acme("bob"):
        asked = night.pending()
    page = visit.as_person(stage, "lena")
    page.goto(visit.url("breakglass:decide", asked.pk))
    page.get_by_role("link", name="Refuse…").click()
    expect(page.get_by_label("Why not?")).to_be_visible()
    look.keep(page, "emergency-refuse")
    page.get_by_label("Why not?").fill("The help desk can reset the sign-on within the hour.")
    page.get_by_role("button", name="Refuse this request").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing was opened")
    look.keep(page, "emergency-refused")


def test_an_admin_looks_before_ending_something(visit: Visit, stage: Cast) -> None:
    with stage.at_acme() as alice:
        org = make_connection()
        campaign = opened(alice, small_snapshot(org))
    page = visit.as_person(stage, "alice")
    page.goto(visit.url("crm:disconnect", org.pk))
    expect(page.get_by_text("Nothing has happened yet.")).to_be_visible()
    look.keep(page, "org-disconnect")
    page.goto(visit.url("reviews:end", campaign.pk))
    look.keep(page, "reviews-end")
