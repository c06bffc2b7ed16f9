"""Applying a change, carried on where a worker was lost, and undone."""

from datetime import timedelta

import pytest

from apps.changes import selectors, services
from apps.changes.errors import NotInState
from apps.changes.models import Configuration, Proposal
from apps.changes.services import applying
from apps.changes.states import State
from apps.changes.tasks import STALLED_AFTER
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.custody.models import IssuedToken
from tests.cast import Cast
from tests.changes.conftest import (
    OFFICE,
    approve,
    carry_on,
    networks_of,
    propose,
    prove,
    reread,
)

pytestmark = pytest.mark.django_db


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
