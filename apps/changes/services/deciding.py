"""Somebody else's yes or no."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.changes import content, policies, preflight, selectors
from apps.changes.errors import ContentChanged, StaleBase
from apps.changes.kinds import kind_of
from apps.changes.models import Approval, Proposal
from apps.changes.services.moving import move, require_state, require_untouched
from apps.changes.services.proposing import look_ahead
from apps.changes.states import State
from apps.common.clock import not_before
from apps.common.jobs import enqueue
from apps.common.text import require_text
from apps.ledger import services as ledger

APPROVE_DECISION = "changes.proposal.approve"


@transaction.atomic
def approve(
    *, actor: User, proposal_id: UUID, factor: FreshFactor, seen: str, now: datetime
) -> Proposal:
    """Approve exactly this content, seen with exactly these consequences; applying follows.

    The factor must be fresh and bound to the content hash; `seen` is `hash_of_preflight` of what
    the page showed. Raises `Denied`, `FactorRefused`, `NotInState`, `ContentChanged`, `StaleBase`.
    """
    proposal = selectors.lock_proposal(proposal_id)
    policies.may_approve(actor, proposal).require()
    now = not_before(now)
    require_state(proposal, State.PROPOSED)
    require_untouched(proposal)
    accounts.spend_factor(
        factor=factor,
        user=actor,
        decision=APPROVE_DECISION,
        subject=proposal.content_hash,
        now=now,
    )
    if kind_of(proposal.kind).read(proposal.target) != proposal.base:
        raise StaleBase(
            "This was changed after the proposal was written. Its author has to propose anew."
        )
    ahead = look_ahead(proposal, now=now)
    if hash_of_preflight(ahead) != seen:
        raise ContentChanged(
            "Whom this would keep out has changed since you looked. Look once more."
        )
    approval = _keep(proposal, ahead, actor=actor, factor=factor, now=now)
    move(proposal, State.APPROVED, now=now, decided_at=now, sealed_preflight=json.dumps(ahead))
    _record(proposal, approval, actor, now)
    enqueue("changes.apply", proposal_id=proposal.pk)
    return proposal


@transaction.atomic
def refuse(*, actor: User, proposal_id: UUID, reason: str, now: datetime) -> Proposal:
    """Say no, with a reason its author reads. Raises `Denied`, `Invalid`, `NotInState`."""
    proposal = selectors.lock_proposal(proposal_id)
    policies.may_refuse(actor, proposal).require()
    require_state(proposal, State.PROPOSED)
    words = require_text(reason, field="reason", label="The reason", at_least=5, at_most=400)
    move(
        proposal,
        State.REFUSED,
        now=now,
        decided_at=now,
        finished_at=now,
        outcome=words,
        sealed_secrets=None,
    )
    ledger.record(
        actor=actor,
        action="changes.proposal.refused",
        target=proposal,
        at=now,
        data={"code": "by_a_person"},
    )
    return proposal


def hash_of_preflight(ahead: dict[str, Any]) -> str:
    """Names what a preflight says about whom; how often they call does not count."""
    return content.digest(preflight.gist(ahead))


def _keep(
    proposal: Proposal, ahead: dict[str, Any], *, actor: User, factor: FreshFactor, now: datetime
) -> Approval:
    approval: Approval = Approval.objects.create(
        proposal=proposal,
        by=actor,
        person_id=actor.person_id,
        author_person=proposal.author_person,
        content_hash=proposal.content_hash,
        sealed_preflight=json.dumps(ahead),
        factor=factor,
        at=now,
    )
    return approval


def _record(proposal: Proposal, approval: Approval, actor: User, now: datetime) -> None:
    ledger.record(
        actor=actor,
        action="changes.proposal.approved",
        target=proposal,
        at=now,
        data={
            "approval": str(approval.pk),
            "content_hash": proposal.content_hash,
            "preflight": content.digest(preflight.gist(approval.preflight)),
            "factor": str(approval.factor_id),
        },
    )
