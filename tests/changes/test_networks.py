"""The networks of an API token: proposed, approved by somebody else, applied, checked, undone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.accounts.errors import FactorRefused
from apps.changes import selectors, services
from apps.changes.errors import ContentChanged, NotInState, StaleBase
from apps.changes.models import Approval, Configuration, Proposal
from apps.changes.services import applying
from apps.changes.services.deciding import hash_of_preflight
from apps.changes.states import State
from apps.changes.tasks import STALLED_AFTER
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, Invalid, NotFound
from apps.common.scope import scoped
from apps.custody import tokens
from apps.custody.callers import note_caller
from apps.custody.models import IssuedToken
from apps.ledger import selectors as ledger
from apps.tenancy.models import Membership
from tests.cast import Cast
from tests.changes.conftest import (
    OFFICE,
    WHY,
    approve,
    carry_on,
    networks_of,
    propose,
    prove,
    reread,
)

pytestmark = pytest.mark.django_db


def call(text: str, address: str) -> int:
    headers = {"authorization": f"Bearer {text}"}
    return Client(REMOTE_ADDR=address).get("/api/v1/changes/", headers=headers).status_code


def actions_of(cast: Cast, proposal: Proposal) -> list[str]:
    with cast.at_acme():
        return [entry.action for entry in ledger.list_path_of(proposal)]


def test_nothing_changes_until_somebody_else_approved(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    assert (proposal.state, networks_of(cast, token)) == (State.PROPOSED, [])
    assert carry_on(cast, proposal).state == State.PROPOSED
    approve(cast, proposal)
    assert networks_of(cast, token) == []
    done = carry_on(cast, proposal)
    assert (done.state, networks_of(cast, token)) == (State.VERIFIED, [OFFICE])
    assert all(check["passed"] for check in done.checks)
    assert set(actions_of(cast, proposal)) == {
        f"changes.proposal.{verb}" for verb in ("made", "approved", "begun", "applied", "verified")
    }


def test_a_fenced_token_works_inside_only(cast: Cast, made: tuple[IssuedToken, str]) -> None:
    token, text = made
    assert call(text, "198.51.100.7") == 200
    with cast.at_acme():
        proposal = propose(cast, token, networks=["198.51.100.0/24"])
    approve(cast, proposal)
    carry_on(cast, proposal)
    assert call(text, "198.51.100.7") == 200
    assert call(text, "203.0.113.9") == 401


def test_nobody_approves_their_own(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token, by="alice")
    with pytest.raises(Denied) as refused:
        approve(cast, proposal, by="alice")
    assert refused.value.rule == "second-person"
    approve(cast, proposal, by="ivan")
    assert carry_on(cast, proposal).state == State.VERIFIED


def test_the_database_refuses_an_approval_by_the_same_person(
    cast: Cast, token: IssuedToken
) -> None:
    proposal = propose(cast, token, by="alice")
    with cast.at_acme() as alice:
        factor = prove(cast, "alice", services.APPROVE_DECISION, proposal.content_hash)
        with pytest.raises(DatabaseError), transaction.atomic():
            Approval.objects.create(
                proposal=proposal,
                by=alice,
                person_id=alice.person_id,
                author_person=proposal.author_person,
                content_hash=proposal.content_hash,
                sealed_preflight="{}",
                factor=factor,
                at=database_now(),
            )


@pytest.mark.parametrize("name", ["lena", "rita", "otto"])
def test_others_neither_propose_nor_approve(cast: Cast, token: IssuedToken, name: str) -> None:
    with pytest.raises(Denied):
        propose(cast, token, by=name)
    proposal = propose(cast, token)
    with pytest.raises(Denied):
        approve(cast, proposal, by=name)


def test_a_factor_for_other_content_is_refused(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    with cast.at_acme() as alice:
        factor = prove(cast, "alice", services.APPROVE_DECISION, "ab" * 32)
        seen = hash_of_preflight(services.look_ahead(proposal, now=database_now()))
        with pytest.raises(FactorRefused), transaction.atomic():
            services.approve(
                actor=alice, proposal_id=proposal.pk, factor=factor, seen=seen, now=database_now()
            )
    assert reread(cast, proposal).state == State.PROPOSED


def test_other_content_voids_the_approval(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal)
    with cast.at_acme("bob") as bob:
        services.revise(
            actor=bob,
            proposal_id=proposal.pk,
            wanted={"networks": ["192.0.2.0/24"]},
            reason=WHY,
            now=database_now(),
        )
        assert Approval.objects.get(proposal=proposal).void_reason == "content_changed"
    assert carry_on(cast, proposal).state == State.PROPOSED
    approve(cast, proposal, by="ivan")
    assert carry_on(cast, proposal).state == State.VERIFIED
    assert networks_of(cast, token) == ["192.0.2.0/24"]


def change_behind(cast: Cast, token: IssuedToken) -> None:
    with cast.at_acme():
        tokens.set_networks(
            actor=ServiceActor("test"),
            token_id=token.pk,
            networks=["192.0.2.0/24"],
            now=database_now(),
        )


def test_a_base_that_changed_meanwhile_is_refused(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    change_behind(cast, token)
    with pytest.raises(StaleBase):
        approve(cast, proposal)


def test_a_base_that_changed_after_approval_is_refused(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal)
    change_behind(cast, token)
    done = carry_on(cast, proposal)
    assert (done.state, networks_of(cast, token)) == (State.REFUSED, ["192.0.2.0/24"])
    assert "changed after" in done.outcome


def test_authority_is_judged_again_when_it_is_applied(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal, by="ivan")
    with cast.at_acme():
        Membership.objects.filter(user=cast.ivan).delete()
    done = carry_on(cast, proposal)
    assert (done.state, networks_of(cast, token)) == (State.REFUSED, [])
    with cast.at_acme():
        assert Approval.objects.get(proposal=proposal).void_reason == "authority_lost"


def test_the_preflight_names_whom_it_keeps_out(cast: Cast, made: tuple[IssuedToken, str]) -> None:
    token, text = made
    unknown = propose(cast, token)
    assert unknown.preflight["known"] == "none"
    with cast.at_acme("bob") as bob:
        services.withdraw(actor=bob, proposal_id=unknown.pk, now=database_now())
    for address in ("203.0.113.9", "198.51.100.7", "198.51.100.7"):
        call(text, address)
    proposal = propose(cast, token)
    becomes = {
        row["address"]: (row["becomes"], row["calls"]) for row in proposal.preflight["callers"]
    }
    assert becomes == {"203.0.113.9": ("kept", 1), "198.51.100.7": ("blocked", 2)}


def test_callers_count_as_known_only_since_calls_are_noted(
    cast: Cast, made: tuple[IssuedToken, str]
) -> None:
    """A token older than the noting was used before; nobody knows from where."""
    token, text = made
    with cast.at_acme():
        IssuedToken.objects.filter(pk=token.pk).update(
            issued_at=database_now() - timedelta(days=20)
        )
    before = database_now()
    call(text, "198.51.100.7")
    assert propose(cast, token).preflight["since"] >= before.isoformat()


def test_the_address_of_a_caller_is_nowhere_in_plain_text(
    cast: Cast, made: tuple[IssuedToken, str]
) -> None:
    token, text = made
    call(text, "198.51.100.7")
    proposal = propose(cast, token)
    with cast.at_acme(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select row_to_json(p)::text from changes_proposal p")
            assert all("198.51.100.7" not in row for (row,) in cursor.fetchall())
            cursor.execute("select row_to_json(c)::text from custody_tokencaller c")
            found = cursor.fetchall()
            assert found and all("198.51.100.7" not in row for (row,) in found)
    assert proposal.preflight["callers"][0]["address"] == "198.51.100.7"


def test_who_would_be_kept_out_must_be_what_the_approver_saw(
    cast: Cast, made: tuple[IssuedToken, str]
) -> None:
    token, _ = made
    proposal = propose(cast, token)
    with cast.at_acme() as alice:
        seen = hash_of_preflight(reread(cast, proposal).preflight)
        note_caller(token, address="198.51.100.7", admitted=True, now=database_now())
        factor = prove(cast, "alice", services.APPROVE_DECISION, proposal.content_hash)
        with pytest.raises(ContentChanged):
            services.approve(
                actor=alice, proposal_id=proposal.pk, factor=factor, seen=seen, now=database_now()
            )


def test_a_change_that_keeps_out_a_caller_nobody_was_shown_goes_back_by_itself(
    cast: Cast, made: tuple[IssuedToken, str]
) -> None:
    token, text = made
    first = propose(cast, token, networks=["198.51.100.0/24", OFFICE])
    approve(cast, first)
    carry_on(cast, first)
    second = propose(cast, token)
    approve(cast, second)
    assert call(text, "198.51.100.7") == 200  # after the approval, before it is applied
    done = carry_on(cast, second)
    assert done.state == State.ROLLED_BACK
    assert networks_of(cast, token) == ["198.51.100.0/24", OFFICE]
    assert "nobody was shown" in done.outcome
    with cast.at_acme():
        [last] = [
            entry
            for entry in ledger.list_path_of(second)
            if entry.action == "changes.proposal.rolled_back"
        ]
        assert ledger.data_of(last) == {"failed": ["callers-as-shown"], "to_version": 2}
        passed = [each.passed for each in Configuration.objects.order_by("number")]
        assert passed == [None, True, False]


def test_a_worker_killed_between_any_two_steps_leaves_no_change_half_made(
    cast: Cast, token: IssuedToken
) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal)
    for state, step in list(applying.STEPS.items()):
        with cast.at_acme():
            row = Proposal.objects.get(pk=proposal.pk)
            assert row.state == state
            step(row, database_now())
    assert reread(cast, proposal).state == State.VERIFIED
    assert carry_on(cast, proposal).state == State.VERIFIED
    with cast.at_acme():
        assert Configuration.objects.filter(proposal=proposal).count() == 1


@pytest.mark.parametrize("state", [State.APPROVED, State.APPLYING, State.APPLIED])
def test_a_step_that_dies_is_undone_and_done_again(
    cast: Cast, token: IssuedToken, state: str
) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal)
    while reread(cast, proposal).state != state:
        with cast.at_acme():
            row = Proposal.objects.get(pk=proposal.pk)
            applying.STEPS[row.state](row, database_now())
    with pytest.raises(RuntimeError), scoped(tenant_id=cast.acme.pk):
        row = Proposal.objects.get(pk=proposal.pk)
        applying.STEPS[state](row, database_now())
        raise RuntimeError("the worker is killed")
    assert reread(cast, proposal).state == state
    assert carry_on(cast, proposal).state == State.VERIFIED
    assert networks_of(cast, token) == [OFFICE]


def test_the_sweep_finds_what_nobody_works_on(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal)
    with cast.at_acme():
        later = database_now() + 2 * STALLED_AFTER
        assert selectors.list_stalled_ids(before=later) == [proposal.pk]
        assert selectors.list_stalled_ids(before=database_now() - timedelta(minutes=1)) == []


def test_an_admin_goes_back_to_the_last_good(cast: Cast, token: IssuedToken) -> None:
    for networks in (["192.0.2.0/24"], [OFFICE]):
        proposal = propose(cast, token, networks=networks)
        approve(cast, proposal, by="ivan")
        assert carry_on(cast, proposal).state == State.VERIFIED
    with cast.at_acme() as alice:
        factor = prove(cast, "alice", services.GO_BACK_DECISION, proposal.content_hash)
        services.go_back(
            actor=alice,
            proposal_id=proposal.pk,
            reason="The export stopped.",
            factor=factor,
            now=database_now(),
        )
        again = prove(cast, "alice", services.GO_BACK_DECISION, proposal.content_hash)
        with pytest.raises(NotInState):
            services.go_back(
                actor=alice,
                proposal_id=proposal.pk,
                reason="Once more.",
                factor=again,
                now=database_now(),
            )
    assert networks_of(cast, token) == ["192.0.2.0/24"]


@pytest.mark.parametrize("networks", [["no network"], ["0.0.0.0/0"], ["10.0.0.0/8"] * 51, "x"])
def test_networks_that_are_none_are_refused_at_their_field(
    cast: Cast, token: IssuedToken, networks: object
) -> None:
    with cast.at_acme("bob") as bob, pytest.raises(Invalid) as refused:
        services.propose(
            actor=bob,
            kind="token_networks",
            target=str(token.pk),
            wanted={"networks": networks},
            reason=WHY,
            now=database_now(),
        )
    assert refused.value.field == "networks"


def test_one_open_change_of_a_thing_at_a_time(cast: Cast, token: IssuedToken) -> None:
    propose(cast, token)
    with pytest.raises(Conflict):
        propose(cast, token, networks=["192.0.2.0/24"])


def test_a_change_that_changes_nothing_is_none(cast: Cast, token: IssuedToken) -> None:
    with pytest.raises(Conflict):
        propose(cast, token, networks=[])


def test_another_tenant_finds_neither_token_nor_proposal(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    with cast.at_globex() as mallory:
        with pytest.raises(NotFound):
            services.propose(
                actor=mallory,
                kind="token_networks",
                target=str(token.pk),
                wanted={"networks": [OFFICE]},
                reason=WHY,
                now=database_now(),
            )
        with pytest.raises(NotFound):
            services.refuse(
                actor=mallory, proposal_id=proposal.pk, reason="No, thanks.", now=database_now()
            )


def test_the_database_refuses_other_content_after_the_decision(
    cast: Cast, token: IssuedToken
) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal)
    with cast.at_acme():
        rows = Proposal.objects.filter(pk=proposal.pk)
        changes: tuple[dict[str, Any], ...] = ({"wanted": {}}, {"state": "verified"})
        for change in changes:
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(**change)


def test_a_token_that_ended_after_approval_is_not_changed(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal)
    with cast.at_acme() as alice:
        tokens.end_token(actor=alice, token_id=token.pk, now=database_now())
    assert carry_on(cast, proposal).state == State.REFUSED


def test_a_proposal_that_is_rolled_back_leaves_no_entry(cast: Cast, token: IssuedToken) -> None:
    with pytest.raises(RuntimeError), scoped(tenant_id=cast.acme.pk, user_id=cast.bob.pk):
        propose(cast, token)
        raise RuntimeError("the request dies")
    with cast.at_acme():
        assert not Proposal.objects.exists()
        assert not ledger.list_events(action="changes.proposal.made").exists()
