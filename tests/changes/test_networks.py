"""The networks of an API token: proposed, approved by somebody else, applied, checked, undone."""

import pytest

from apps.changes import services
from apps.changes.models import Proposal
from apps.changes.states import State
from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.custody import tokens
from apps.custody.models import IssuedToken
from apps.ledger import selectors as ledger
from tests.cast import Cast
from tests.changes.conftest import (
    OFFICE,
    WHY,
    approve,
    call,
    carry_on,
    networks_of,
    propose,
)

pytestmark = pytest.mark.django_db


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


def test_a_token_that_ended_after_approval_is_not_changed(cast: Cast, token: IssuedToken) -> None:
    proposal = propose(cast, token)
    approve(cast, proposal)
    with cast.at_acme() as alice:
        tokens.end_token(actor=alice, token_id=token.pk, now=database_now())
    assert carry_on(cast, proposal).state == State.REFUSED
