"""Applying what was approved, looking at it, and taking it back when the look fails.

Three short transactions, each a state of its own, so that a worker killed between any two leaves a
proposal that the next round carries on with: it ends verified, rolled back or refused. What asks
other systems runs between the last two, with no transaction open (see `outside`).
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.changes import policies, secrets, selectors
from apps.changes.errors import ContentChanged
from apps.changes.kinds import Check, kind_of
from apps.changes.kinds.base import NEW_SECRETS
from apps.changes.models import Approval, Configuration, Proposal
from apps.changes.services.moving import (
    KEEPER,
    forget_displaced,
    keep_configuration,
    move,
    require_untouched,
    void,
)
from apps.changes.services.outside import is_seen, look_outside
from apps.changes.states import UNDER_WAY, State
from apps.common.actors import Actor
from apps.common.clock import database_now
from apps.common.errors import Conflict, DomainError, NotFound
from apps.common.scope import scoped
from apps.ledger import services as ledger


def carry_on(*, tenant_id: UUID, proposal_id: UUID) -> None:
    """Take an approved proposal as far as it goes. Safe to call again at any time.

    Call it with no scope open.
    """
    for _ in UNDER_WAY:
        look_outside(tenant_id=tenant_id, proposal_id=proposal_id)
        with scoped(tenant_id=tenant_id):
            proposal = selectors.lock_proposal(proposal_id)
            step = STEPS.get(proposal.state)
            if step is None:
                return
            step(proposal, database_now())


def begin(proposal: Proposal, now: datetime) -> None:
    """From approved: who said yes may still say it, and the thing is as it was then."""
    approval = selectors.standing_approval(proposal)
    if approval is None or _authority_is_lost(approval, proposal):
        if approval is not None:
            void(approval, reason=Approval.Void.AUTHORITY_LOST, actor=KEEPER, now=now)
        refuse_by_itself(
            proposal, "authority_lost", "Who approved this may no longer approve it.", now
        )
        return
    try:
        require_untouched(proposal)
        is_stale = kind_of(proposal.kind).read(proposal.target) != proposal.base
    except DomainError as error:
        refuse_by_itself(proposal, error.code, error.message, now)
        return
    if is_stale or approval.content_hash != proposal.content_hash:
        refuse_by_itself(
            proposal, "stale_base", "This was changed after the proposal was written.", now
        )
        return
    move(proposal, State.APPLYING, now=now)
    ledger.record(actor=KEEPER, action="changes.proposal.begun", target=proposal, at=now)


def put(proposal: Proposal, now: datetime) -> None:
    """From applying: the change itself, with the version it makes."""
    approval = selectors.standing_approval(proposal)
    giver = selectors.find_member(approval.by_id) if approval else None
    if approval is None or giver is None:
        refuse_by_itself(proposal, "authority_lost", "Who approved this has left meanwhile.", now)
        return
    try:
        with transaction.atomic():
            _put(proposal, giver, now)
    except DomainError as error:
        refuse_by_itself(proposal, error.code, error.message, now)
        return
    move(proposal, State.APPLIED, now=now, applied_at=now, sealed_secrets=None)
    ledger.record(
        actor=KEEPER,
        action="changes.proposal.applied",
        target=proposal,
        at=now,
        data={"content_hash": proposal.content_hash, "approval": str(approval.pk)},
    )


def look(proposal: Proposal, now: datetime) -> None:
    """From applied: keep it when every check passes, else go back to the last that passed."""
    if not is_seen(proposal):
        return  # a worker came between; the next round looks outside first
    outside = [Check(**each) for each in proposal.checks]
    checks = [*outside, *_looked_inside(proposal, now)]
    proposal.checks = [each.as_json() for each in checks]
    passed = all(each.passed for each in checks)
    kept = Configuration.objects.get(proposal=proposal)
    kept.checks, kept.passed = proposal.checks, passed
    kept.save(update_fields=["checks", "passed"])
    if not passed:
        failed = [each for each in checks if not each.passed]
        restore(proposal, failed, actor=KEEPER, words=failed[0].words, now=now)
        return
    forget_displaced(proposal, but=kept)
    move(proposal, State.VERIFIED, now=now, finished_at=now, checks=proposal.checks)
    names = [each.name for each in checks]
    ledger.record(
        actor=KEEPER,
        action="changes.proposal.verified",
        target=proposal,
        at=now,
        data={"checks": names},
    )


def restore(
    proposal: Proposal, failed: list[Check], *, actor: Actor, words: str, now: datetime
) -> None:
    """Put the last good configuration back, with the reason in the ledger."""
    good = selectors.last_good(proposal)
    if good is None:
        raise RuntimeError("a change was applied without keeping what was there")
    gone = _put_back(proposal, good, actor=actor, now=now)
    words = f"{words} Nothing is left to restore: {gone}" if gone else words
    forget_displaced(proposal)
    move(
        proposal,
        State.ROLLED_BACK,
        now=now,
        finished_at=now,
        checks=proposal.checks,
        outcome=words[:400],
    )
    ledger.record(
        actor=actor,
        action="changes.proposal.rolled_back",
        target=proposal,
        at=now,
        data={
            "failed": [each.name for each in failed],
            "to_version": None if gone else good.number,
        },
    )


def _put(proposal: Proposal, giver: User, now: datetime) -> None:
    """The change with the version that it makes, and what it displaced."""
    kind = kind_of(proposal.kind)
    found = kind.read(proposal.target)
    if not selectors.list_configurations(proposal.kind, proposal.target).exists():
        keep_configuration(proposal, found, found=True, now=now)
    if not secrets.are_those(proposal.sealed_secrets, proposal.wanted.get(NEW_SECRETS, {})):
        raise ContentChanged("The secrets that wait are not those that were approved.")
    before = kind.secrets_before(proposal.target, proposal.wanted)
    kind.put(
        proposal.target,
        proposal.wanted,
        secrets=secrets.opened(proposal.sealed_secrets),
        actor=KEEPER,
        by=giver,
        now=now,
    )
    kept = keep_configuration(proposal, kind.read(proposal.target), found=False, now=now)
    kept.sealed_before = secrets.sealed_form(before)
    kept.save(update_fields=["sealed_before"])


def _put_back(proposal: Proposal, good: Configuration, *, actor: Actor, now: datetime) -> str:
    """The earlier configuration; in words why not when the keeper finds the thing gone."""
    undone = Configuration.objects.get(proposal=proposal)
    try:
        with transaction.atomic():
            kind_of(proposal.kind).put_back(
                proposal.target,
                good.value,
                secrets=secrets.opened(undone.sealed_before),
                actor=actor,
                now=now,
            )
    except (NotFound, Conflict) as error:
        if actor is not KEEPER:
            raise
        return error.message
    return ""


def _looked_inside(proposal: Proposal, now: datetime) -> list[Check]:
    """The looks that need no other system. A thing that is gone fails them."""
    try:
        return kind_of(proposal.kind).check(
            proposal.target,
            proposal.wanted,
            preflight=proposal.preflight,
            since=proposal.applied_at or now,
            now=now,
        )
    except DomainError as error:
        return [Check("still-there", False, error.message)]


def _authority_is_lost(approval: Approval, proposal: Proposal) -> bool:
    giver = selectors.find_member(approval.by_id)
    if giver is None or giver.person_id != approval.person_id:
        return True
    try:
        return not policies.may_approve(giver, proposal).allowed
    except DomainError:  # the thing is gone, so nobody has authority over it
        return True


def refuse_by_itself(proposal: Proposal, code: str, words: str, now: datetime) -> None:
    """The keeper's no, with a stable code for the ledger and words for people."""
    move(
        proposal,
        State.REFUSED,
        now=now,
        finished_at=now,
        outcome=words[:400],
        sealed_secrets=None,
    )
    ledger.record(
        actor=KEEPER,
        action="changes.proposal.refused",
        target=proposal,
        at=now,
        data={"code": code},
    )


STEPS: dict[str, Callable[[Proposal, datetime], None]] = {
    State.APPROVED: begin,
    State.APPLYING: put,
    State.APPLIED: look,
}
