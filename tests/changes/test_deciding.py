"""Who may propose and approve, and what an approval covers."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from apps.accounts.errors import FactorRefused
from apps.changes import services
from apps.changes.errors import StaleBase
from apps.changes.models import Approval, Proposal
from apps.changes.services.deciding import hash_of_preflight
from apps.changes.states import State
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, NotFound
from apps.common.scope import scoped
from apps.custody import tokens
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


def test_a_proposal_that_is_rolled_back_leaves_no_entry(cast: Cast, token: IssuedToken) -> None:
    with pytest.raises(RuntimeError), scoped(tenant_id=cast.acme.pk, user_id=cast.bob.pk):
        propose(cast, token)
        raise RuntimeError("the request dies")
    with cast.at_acme():
        assert not Proposal.objects.exists()
        assert not ledger.list_events(action="changes.proposal.made").exists()
