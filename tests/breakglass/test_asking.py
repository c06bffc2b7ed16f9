"""Asking: what is accepted, what is refused and why, and that nothing is left of a refusal."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from apps.breakglass import asking, selectors, services
from apps.breakglass.errors import NotInState, OnePendingOnly
from apps.breakglass.models import EmergencyPolicy, Request
from apps.breakglass.states import State
from apps.common.clock import database_now
from apps.common.errors import Denied, Invalid, NotFound
from apps.ledger import services as ledger
from tests.breakglass.actions import path_of
from tests.breakglass.conftest import MATTER, SCOPE, Emergency, factor_for

WRONG_SUFFIX = MATTER[:15] + "AAB"


def test_a_request_is_drafted_then_submitted(at_acme: Emergency) -> None:
    draft = at_acme.draft()
    assert (draft.state, draft.expires_at) == (State.DRAFT, None)
    request = services.submit_request(
        actor=at_acme.cast.bob, request_id=draft.pk, now=database_now()
    )
    assert request.state == State.PENDING
    assert request.expires_at and request.submitted_at
    assert request.expires_at - request.submitted_at == timedelta(hours=1)
    assert path_of(request) == ["request.drafted", "request.submitted"]


def test_the_justification_rests_sealed(at_acme: Emergency) -> None:
    request = at_acme.pending()
    with connection.cursor() as cursor:
        cursor.execute("select justification from breakglass_request where id = %s", [request.pk])
        stored = bytes(cursor.fetchone()[0])
    assert b"hearing" not in stored
    assert "hearing" in Request.objects.get(pk=request.pk).justification


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"justification": ""}, "justification"),
        ({"justification": " " * 40}, "justification"),
        ({"justification": "too short"}, "justification"),
        ({"justification": "x" * 4001}, "justification"),
        ({"justification": "a hearing at nine\x00 in the morning"}, "justification"),
        ({"case_reference": ""}, "case_reference"),
        ({"case_reference": "the usual case"}, "case_reference"),
        ({"case_reference": "00013377\x00"}, "case_reference"),
        ({"duration": timedelta(seconds=59)}, "duration"),
        ({"duration": timedelta(hours=5)}, "duration"),
        ({"networks": []}, "networks"),
        ({"networks": ["Germany"]}, "networks"),
        ({"networks": ["0.0.0.0/0"]}, "networks"),
        ({"networks": ["::/0"]}, "networks"),
        ({"scope": {}}, "scope"),
        ({"scope": {"Matter__c": "all"}}, "scope"),
        ({"scope": {"Matter__c; DROP": {"fields": ["Name"], "records": [MATTER]}}}, "object_name"),
        ({"scope": {"Matter__c": {"fields": [], "records": [MATTER]}}}, "fields"),
        ({"scope": {"Matter__c": {"fields": ["Owner.Email"], "records": [MATTER]}}}, "fields"),
        ({"scope": {"Matter__c": {"fields": ["Name"], "records": []}}}, "records"),
        ({"scope": {"Matter__c": {"fields": ["Name"], "records": ["a01"]}}}, "records"),
        (
            {"scope": {"Matter__c": {"fields": ["Name"], "records": [MATTER[:15] + "AAB"]}}},
            "records",
        ),
        ({"scope": {"Matter__c": {"fields": ["Name"], "records": "all"}}}, "records"),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(
    at_acme: Emergency, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        at_acme.draft(**changes)
    assert refusal.value.field == field
    assert not Request.objects.exists()


def test_at_most_the_policys_number_of_records(at_acme: Emergency) -> None:
    ids = [f"a0100000000{number:04}" for number in range(21)]
    with pytest.raises(Invalid, match="21 records; the policy allows 20"):
        at_acme.draft(scope={"Matter__c": {"fields": ["Name"], "records": ids}})


def test_short_record_ids_become_case_safe() -> None:
    # The pair is Salesforce's own example of the two forms of one id.
    assert asking.long_id("001D000000IqhSL") == "001D000000IqhSLIAZ"
    assert asking.long_id("001D000000IqhSLIAZ") == "001D000000IqhSLIAZ"


def test_people_without_the_power_may_not_ask(at_acme: Emergency) -> None:
    for name in ("rita", "otto", "lena"):
        with pytest.raises(Denied):
            at_acme.draft(by=name)


def test_the_org_must_be_the_tenants_own(emergency: Emergency) -> None:
    with emergency.cast.at_globex() as mallory, pytest.raises(NotFound):
        services.draft_request(**emergency.asked(actor=mallory))
    with emergency.cast.at_acme("bob"), pytest.raises(NotFound):
        emergency.draft(connection_id=uuid4())


def test_another_tenant_finds_no_request(emergency: Emergency) -> None:
    with emergency.cast.at_acme("bob"):
        request = emergency.pending()
    with emergency.cast.at_globex() as mallory:
        assert not selectors.list_requests(actor=mallory).exists()
        for service in (services.submit_request, services.withdraw, services.end_early):
            with pytest.raises(NotFound):
                service(actor=mallory, request_id=request.pk, now=database_now())


def test_a_draft_is_its_authors_alone(at_acme: Emergency) -> None:
    draft = at_acme.draft()
    with pytest.raises(NotFound):
        selectors.get_request_for(actor=at_acme.cast.lena, request_id=draft.pk)
    with pytest.raises(NotFound):
        services.submit_request(actor=at_acme.cast.alice, request_id=draft.pk, now=database_now())


def test_one_pending_request_per_person_and_org(at_acme: Emergency) -> None:
    first = at_acme.pending()
    second = at_acme.draft()
    submit: dict[str, Any] = {
        "actor": at_acme.cast.bob,
        "request_id": second.pk,
        "now": database_now(),
    }
    with pytest.raises(OnePendingOnly):
        services.submit_request(**submit)
    services.withdraw(actor=at_acme.cast.bob, request_id=first.pk, now=database_now())
    assert services.submit_request(**submit).state == State.PENDING


def test_only_the_requester_withdraws_and_only_before_the_decision(at_acme: Emergency) -> None:
    request = at_acme.pending()
    with pytest.raises(Denied, match="Only the person who asked"):
        services.withdraw(actor=at_acme.cast.alice, request_id=request.pk, now=database_now())
    services.withdraw(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    with pytest.raises(NotInState):
        services.withdraw(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    with pytest.raises(NotInState):
        services.submit_request(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())


def test_request_and_ledger_entry_are_one(
    at_acme: Emergency, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = at_acme.draft()

    def fail(**_: object) -> None:
        raise RuntimeError("the ledger does not answer")

    monkeypatch.setattr(ledger, "record", fail)
    with pytest.raises(RuntimeError):
        services.submit_request(actor=at_acme.cast.bob, request_id=draft.pk, now=database_now())
    with pytest.raises(RuntimeError):
        at_acme.draft()
    assert list(Request.objects.values_list("state", flat=True)) == [State.DRAFT]


@pytest.mark.parametrize(
    "column", ["scope", "networks", "duration", "case_reference", "content_hash", "justification"]
)
def test_the_database_refuses_changes_after_submission(at_acme: Emergency, column: str) -> None:
    request = at_acme.pending()
    values = {
        "scope": "'{}'::jsonb",
        "networks": "ARRAY['10.0.0.0/8']",
        "duration": "interval '4 hours'",
        "case_reference": "'M-1'",
        "content_hash": "repeat('0', 64)",
        "justification": "'\\x00'::bytea",
    }
    with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                f"update breakglass_request set {column} = {values[column]} where id = %s",
                [request.pk],
            )


def test_the_database_refuses_to_delete_what_was_submitted(at_acme: Emergency) -> None:
    request = at_acme.pending()
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("delete from breakglass_request where id = %s", [request.pk])


def test_terminal_states_never_reopen(at_acme: Emergency) -> None:
    request = at_acme.pending()
    services.withdraw(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    for state in State.values:
        if state != State.WITHDRAWN:
            with pytest.raises(DatabaseError, match="cannot become"), transaction.atomic():
                Request.objects.filter(pk=request.pk).update(state=state)


@pytest.mark.parametrize("quorum", [{"legal_quorum": 0}, {"it_quorum": 0}])
def test_a_quorum_of_nobody_is_refused_by_the_database(
    at_acme: Emergency, quorum: dict[str, int]
) -> None:
    with pytest.raises(IntegrityError, match="quorum_is_never_nobody"), transaction.atomic():
        EmergencyPolicy.objects.create(version=7, **quorum)


def test_a_policy_changes_by_a_new_version_only(at_acme: Emergency) -> None:
    alice = at_acme.cast.alice
    pending = at_acme.pending()
    first = services.policy_in_force(actor=alice, now=database_now())
    subject = services.policy.policy_subject(first.version)
    second = services.set_policy(
        actor=alice,
        factor=factor_for(alice, subject, decision="breakglass.policy.set"),
        legal_quorum=2,
        it_quorum=1,
        max_duration=timedelta(hours=1),
        now=database_now(),
    )
    assert (second.version, first.version) == (2, 1)
    pending.refresh_from_db()
    assert pending.policy.legal_quorum == 1  # what it was submitted under
    with pytest.raises(Invalid, match="between 1 and 60 minutes"):
        at_acme.draft(duration=timedelta(hours=2))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        EmergencyPolicy.objects.filter(pk=first.pk).update(legal_quorum=5)


def test_scope_is_stored_in_one_form(at_acme: Emergency) -> None:
    scope = {"Matter__c": {"fields": ["Status__c", "Name", "Name"], "records": [MATTER[:15]]}}
    assert at_acme.draft(scope=scope).scope == SCOPE
