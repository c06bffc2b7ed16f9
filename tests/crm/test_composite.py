"""Different requests by one call: each part has its own typed outcome."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.crm import errors
from apps.crm.client import composite
from apps.crm.client.composite import Part
from apps.crm.session import Org, open_org
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def org(cast: Cast, sandbox: RunningSandbox) -> Iterator[Org]:
    connection = orgs.connect(cast, sandbox)
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as opened:
        yield opened


def _pair(**values: Any) -> list[Part]:
    return [
        Part("case", "POST", "sobjects/Case", {"Subject": "First"}),
        Part("change", "PATCH", "sobjects/Case/@{case.id}", values),
    ]


def test_a_part_uses_what_an_earlier_one_answered_for_one_request(
    org: Org, sandbox: RunningSandbox
) -> None:
    before = sandbox.state()["api_calls"]
    made, changed = composite.send(org, _pair(LLM_Summary__c="Second"))
    assert made.error is None and changed.error is None
    assert sandbox.state()["api_calls"] == before + 1
    found = org.read("Case", made.body["id"], ["LLM_Summary__c"])
    assert found and found["LLM_Summary__c"] == "Second"


def test_of_all_or_none_the_failed_part_is_told_from_those_undone(org: Org) -> None:
    made, changed = composite.send(org, _pair(Nothing__c="x"))
    assert type(made.error) is errors.RolledBack
    assert isinstance(changed.error, errors.QueryRefused | errors.ValidationRefused)


def test_one_by_one_what_worked_stays(org: Org) -> None:
    made, changed = composite.send(org, _pair(Nothing__c="x"), all_or_none=False)
    assert made.error is None and changed.error is not None
    found = org.read("Case", made.body["id"], ["Subject"])
    assert found and found["Subject"] == "First"


def test_a_write_whose_answer_was_lost_is_not_sent_again(org: Org, sandbox: RunningSandbox) -> None:
    sandbox.fault("drop", path="/composite")
    sent = len(org.request_ids)
    with pytest.raises(errors.NoAnswer) as lost:
        composite.send(org, _pair(LLM_Summary__c="x"))
    assert lost.value.outcome_unknown and len(org.request_ids) == sent + 1


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [Part("a", "GET", "limits")] * 2,
        [Part(f"a{number}", "GET", "limits") for number in range(26)],
        [Part("a", "PUT", "limits")],
        [Part("a}", "GET", "limits")],
        [Part("a", "GET", "../../../apexrest/x")],
    ],
)
def test_what_no_org_could_take_is_not_sent(org: Org, parts: list[Part]) -> None:
    sent = len(org.request_ids)
    with pytest.raises(ValueError, match="part"):
        composite.send(org, parts)
    assert len(org.request_ids) == sent
