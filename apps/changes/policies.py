"""Who may propose, approve, refuse and take back changes. Silence means no."""

from apps.accounts.models import User
from apps.changes.kinds import kind_of
from apps.changes.models import Proposal
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision, allow, deny, first_denial
from apps.tenancy import policies as tenancy


def may_propose(actor: Actor, *, kind: str, target: str) -> Decision:
    """People with the power, for things that they may touch."""
    return first_denial(
        tenancy.may(actor, powers.PROPOSE_CHANGE), kind_of(kind).may_propose(actor, target)
    )


def may_approve(actor: User, proposal: Proposal) -> Decision:
    """Another person than its author, with the power and authority over the thing.

    A person counts once, whatever roles and accounts they have.
    """
    return first_denial(
        tenancy.may(actor, powers.APPROVE_CHANGE),
        _is_another_person(actor, proposal),
        kind_of(proposal.kind).may_approve(actor, proposal.target),
    )


def may_refuse(actor: User, proposal: Proposal) -> Decision:
    """Whoever could approve it."""
    return may_approve(actor, proposal)


def may_withdraw(actor: User, proposal: Proposal) -> Decision:
    """Its author, from whichever account."""
    if actor.person_id == proposal.author_person:
        return allow("change-author")
    return deny("change-author", "Only its author can change or withdraw this proposal.")


def may_go_back(actor: User, proposal: Proposal) -> Decision:
    """Whoever has authority over the thing: what is restored was in force before."""
    return first_denial(
        tenancy.may(actor, powers.APPROVE_CHANGE),
        kind_of(proposal.kind).may_approve(actor, proposal.target),
    )


def _is_another_person(actor: User, proposal: Proposal) -> Decision:
    if actor.person_id == proposal.author_person or actor.pk == proposal.author_id:
        return deny(
            "second-person", "You proposed this change, so somebody else has to approve it."
        )
    return allow("second-person")
