"""Who can reach an org: findings, the scope matrix, a service account, and ending its access."""

import pytest
from playwright.sync_api import expect

from apps.common.clock import database_now
from apps.posture.models import Finding
from apps.posture.scopes import looking
from tests.cast import Cast
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.posture.governed import ended, make_governed, plan_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_admin_sees_the_difference_between_what_is_granted_and_needed(
    visit: Visit, stage: Cast
) -> None:
    with stage.at_acme():
        world = make_governed(stage)
        looking.judge_snapshot(world.snapshot, now=database_now())
    page = visit.as_person(stage, "alice")
    page.goto(visit.url("posture:app", world.app.pk))
    expect(page.get_by_role("heading", name="Scopes", exact=True)).to_be_visible()
    look.keep(page, "scope-matrix")


@pytest.mark.soak
def test_every_page_about_reach_is_pictured(visit: Visit, stage: Cast) -> None:
    with stage.at_acme() as alice:
        world = make_governed(stage)
        looking.judge_snapshot(world.snapshot, now=database_now())
        over = ended(plan_of(world), alice, database_now())
        found = Finding.objects.get(kind="scopes.beyond-approved")
    page = visit.as_person(stage, "alice")
    for name, route, keys in (
        ("apps", "posture:apps", ()),
        ("findings", "posture:findings", ()),
        ("finding", "posture:finding", (found.pk,)),
        ("purpose", "posture:purpose", (world.app.pk,)),
        ("service-accounts", "posture:service-accounts", ()),
        ("service-account", "posture:service-account", (world.account.pk,)),
        ("revoke-account", "posture:revoke-account", (world.account.pk,)),
        ("revocation", "posture:revocation", (over.pk,)),
    ):
        page.goto(visit.url(route, *keys))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        look.keep(page, name)
