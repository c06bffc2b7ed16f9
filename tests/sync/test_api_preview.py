"""Asking the policy about a job before it is made, over the API."""

from typing import Any

import pytest
from django.urls import reverse

from apps.llm.models import Endpoint
from apps.sync.models import Job
from tests.sync.staging import Stage

URL = reverse("sync:api-preview")


def _ask(acme: Stage, name: str, endpoint: Endpoint, **changed: Any) -> Any:
    sent = {
        "connection_id": str(acme.connection.pk),
        "endpoint_id": str(endpoint.pk),
        "source_fields": ["Subject"],
        **changed,
    }
    return acme.cast.client(name).post(URL, sent, "application/json")


def test_the_policys_answer_is_told_and_nothing_is_made(acme: Stage) -> None:
    near, far = _ask(acme, "bob", acme.near).json(), _ask(acme, "bob", acme.far).json()
    assert (near["effect"], near["rules"]) == ("allow", ["fit-to-eu"])
    assert (far["effect"], far["rules"]) == ("deny", ["no-rule-matched"])
    with acme.cast.at_acme():
        assert not Job.objects.exists()


def test_only_those_who_run_jobs_may_ask(acme: Stage) -> None:
    answer = _ask(acme, "otto", acme.near)
    assert (answer.status_code, answer.json()["rule"]) == (403, "needs:sync.run")


def test_another_tenants_org_and_endpoint_are_not_found(acme: Stage) -> None:
    assert _ask(acme, "mallory", acme.near).status_code == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"connection_id": "nonsense"}, "connection_id"),
        ({"source_fields": []}, "source_fields"),
        ({"source_fields": ["x" * 81]}, "source_fields.0"),
    ],
)
def test_bad_input_names_its_field(acme: Stage, changed: dict[str, Any], field: str) -> None:
    answer = _ask(acme, "bob", acme.near, **changed)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
