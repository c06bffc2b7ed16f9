"""The page that says why an org does not let the console in."""

import pytest
from django.urls import reverse

from apps.crm.diagnosis.causes import CAUSES
from apps.crm.diagnosis.runbooks import steps_for
from tests.cast import Cast
from tests.crm import orgs
from tests.crm.test_pages import text_of
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


def test_the_page_tells_cause_evidence_steps_and_the_next_attempt(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.connect(cast, sandbox)
    sandbox.fault("token_ip_restricted", when="always")
    orgs.check(cast, connection)
    bob = cast.client("bob")
    page = text_of(bob.get(reverse("crm:lockout", args=[connection.pk])))
    assert "Probably: the console's address is not allowed".replace("'", "&#x27;") in page
    assert "publishes no exact sign" in page
    assert "Next safe attempt: after the steps are done" in page
    assert "Network access in the org" in page
    assert "invalid_grant" in page
    org_page = bob.get(reverse("crm:connection", args=[connection.pk])).content.decode()
    assert reverse("crm:lockout", args=[connection.pk]) in org_page
    home = cast.client("alice").get("/").content.decode()
    assert reverse("crm:lockout", args=[connection.pk]) in home


def test_a_cause_that_is_over_is_remembered(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.connect(cast, sandbox)
    sandbox.fault("token_inactive_org")
    orgs.check(cast, connection)
    orgs.check(cast, connection)
    page = text_of(cast.client("bob").get(reverse("crm:lockout", args=[connection.pk])))
    assert "Nothing keeps the console out of this org." in page
    assert "Probably: the org is inactive" in page


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_a_runbook_of_its_own(
    cast: Cast, sandbox: RunningSandbox, cause: str
) -> None:
    steps = steps_for(cause, orgs.connect(cast, sandbox))
    assert len(steps) >= 2
    for step in steps:
        assert step.words.endswith(".")
        assert bool(step.link) == bool(step.route or step.address)
        if step.route:
            assert reverse(step.route, args=["00000000-0000-0000-0000-000000000000"])
