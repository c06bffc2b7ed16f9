"""Nothing secret outlives the thing that it was for."""

from datetime import datetime

from django.db import transaction

from apps.changes.kinds import kind_of
from apps.changes.models import Configuration, Proposal
from apps.changes.services.applying import refuse_by_itself
from apps.changes.states import State


@transaction.atomic
def forget_what_is_over(*, now: datetime) -> int:
    """End proposals and forget displaced secrets of things that ended; how many there were."""
    count = 0
    waiting = Proposal.objects.select_for_update(of=("self",)).filter(
        state=State.PROPOSED, sealed_secrets__isnull=False
    )
    for proposal in waiting:
        if kind_of(proposal.kind).is_over(proposal.target):
            refuse_by_itself(proposal, "gone", "What it would change has ended meanwhile.", now)
            count += 1
    for kept in Configuration.objects.filter(sealed_before__isnull=False):
        if kind_of(kept.kind).is_over(kept.target):
            kept.sealed_before = None
            kept.save(update_fields=["sealed_before"])
            count += 1
    return count
