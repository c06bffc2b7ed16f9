"""A person's "back to last good"."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.changes import policies, selectors
from apps.changes.errors import NotInState
from apps.changes.kinds import kind_of
from apps.changes.models import Configuration, Proposal
from apps.changes.services.applying import restore
from apps.common.clock import not_before
from apps.common.errors import Conflict
from apps.common.text import require_text

GO_BACK_DECISION = "changes.proposal.go_back"


@transaction.atomic
def go_back(
    *, actor: User, proposal_id: UUID, reason: str, factor: FreshFactor, now: datetime
) -> Proposal:
    """Undo a kept change: the last good configuration before it is in force again.

    One person suffices, because what comes back was in force before. The factor is bound to the
    content hash of the change that is undone. Raises `Denied`, `Invalid`, `FactorRefused`,
    `NotInState`, `Conflict`.
    """
    proposal = selectors.lock_proposal(proposal_id)
    policies.may_go_back(actor, proposal).require()
    now = not_before(now)
    words = require_text(reason, field="reason", label="The reason", at_least=5, at_most=400)
    if not selectors.is_newest_verified(proposal):
        raise NotInState("Only the newest change of a thing that is in force can be undone.")
    kept = Configuration.objects.get(proposal=proposal)
    if kind_of(proposal.kind).read(proposal.target) != kept.value:
        raise Conflict("This was changed elsewhere meanwhile, so it cannot be undone from here.")
    accounts.spend_factor(
        factor=factor,
        user=actor,
        decision=GO_BACK_DECISION,
        subject=proposal.content_hash,
        now=now,
    )
    kept.passed = False  # a person found it wanting: nothing goes back to it
    kept.save(update_fields=["passed"])
    restore(proposal, [], actor=actor, words=words, now=now)
    return proposal
