"""Reads of proposed changes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import models

from apps.accounts.models import User
from apps.changes.models import Approval, Configuration, Proposal
from apps.changes.states import UNDER_WAY, State
from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.tenancy import policies


def list_proposals(*, actor: Actor) -> models.QuerySet[Proposal]:
    """The tenant's proposals, newest first. Raises `Denied`."""
    policies.may(actor, powers.READ_CHANGES).require()
    return Proposal.objects.order_by("-proposed_at", "-id")


def list_page(
    *, actor: Actor, states: Collection[str] = (), before: UUID | None = None, size: int = 50
) -> tuple[list[Proposal], UUID | None]:
    """One page, newest first, and the id to continue after; None on the last one."""
    rows = list_proposals(actor=actor)
    last = rows.filter(pk=before).first() if before else None
    if states:
        rows = rows.filter(state__in=states)
    if last is not None:
        older = models.Q(proposed_at__lt=last.proposed_at)
        rows = rows.filter(older | models.Q(proposed_at=last.proposed_at, pk__lt=last.pk))
    found = list(rows[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


def count_by_state(*, actor: Actor) -> dict[str, int]:
    """How many proposals are in each state."""
    rows = list_proposals(actor=actor).order_by()
    return dict(rows.values_list("state").annotate(models.Count("pk")))


def get_proposal_for(*, actor: Actor, proposal_id: UUID) -> Proposal:
    """One proposal. Raises `Denied`, `NotFound`."""
    found = list_proposals(actor=actor).filter(pk=proposal_id).first()
    if found is None:
        raise NotFound("There is no such proposed change here.")
    return found


def lock_proposal(proposal_id: UUID) -> Proposal:
    """The row, locked until the transaction ends. Raises `NotFound`."""
    rows = Proposal.objects.select_for_update(of=("self",))
    found: Proposal | None = rows.filter(pk=proposal_id).first()
    if found is None:
        raise NotFound("There is no such proposed change here.")
    return found


def standing_approval(proposal: Proposal) -> Approval | None:
    """The approval that counts, if there is one. Its giver may have left: see `find_member`."""
    return Approval.objects.filter(proposal=proposal, voided_at__isnull=True).first()


def list_approvals(proposal: Proposal) -> list[Approval]:
    """Every approval it ever had, oldest first."""
    return list(Approval.objects.filter(proposal=proposal).order_by("at", "id"))


def list_configurations(kind: str, target: str) -> models.QuerySet[Configuration]:
    """What a thing was set to, newest first."""
    return Configuration.objects.filter(kind=kind, target=target).order_by("-number")


def last_good(proposal: Proposal) -> Configuration | None:
    """What to go back to: the newest that passed before this change, else what was found first."""
    earlier = list_configurations(proposal.kind, proposal.target).exclude(proposal=proposal)
    return earlier.filter(passed=True).first() or earlier.last()


def find_member(user_id: UUID) -> User | None:
    """An account of the open tenant, or None for one that has left it."""
    return User.objects.filter(pk=user_id).first()


def list_stalled_ids(*, before: datetime) -> list[UUID]:
    """Proposals on their way that nobody has touched since."""
    rows = Proposal.objects.filter(state__in=UNDER_WAY, touched_at__lt=before)
    return list(rows.values_list("pk", flat=True))


def is_newest_verified(proposal: Proposal) -> bool:
    """Whether the thing stands as this change left it."""
    if proposal.state != State.VERIFIED:
        return False
    newest = list_configurations(proposal.kind, proposal.target).first()
    return newest is not None and newest.proposal_id == proposal.pk
