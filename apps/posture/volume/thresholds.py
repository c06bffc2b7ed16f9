"""From when on a tenant calls an hour's volume unusual."""

from datetime import datetime
from math import isfinite

from django.db import transaction

from apps.common.actors import Actor
from apps.common.errors import Invalid
from apps.ledger import services as ledger
from apps.posture import policies
from apps.posture.models import VolumePolicy
from apps.posture.volume.baseline import Limits

LOWEST_SCORE, HIGHEST_SCORE = 2.0, 100.0
MOST_CALLS = 1_000_000


def limits_of_tenant() -> Limits:
    """The open tenant's thresholds."""
    policy = VolumePolicy.objects.first() or VolumePolicy()
    return Limits(policy.score, policy.least_calls)


@transaction.atomic
def change_thresholds(
    *, actor: Actor, score: float, least_calls: int, now: datetime
) -> VolumePolicy:
    """Call an hour unusual from another score and difference in calls on; holds from the next
    look. Raises `Denied`, and `Invalid` naming the field."""
    policies.may_set_thresholds(actor).require()
    if not isfinite(score) or not LOWEST_SCORE <= score <= HIGHEST_SCORE:
        words = f"Choose a score from {LOWEST_SCORE:g} to {HIGHEST_SCORE:g}."
        raise Invalid(words, field="score")
    if not 1 <= least_calls <= MOST_CALLS:
        raise Invalid(f"Choose from 1 to {MOST_CALLS:,} calls.", field="least_calls")
    before = limits_of_tenant()
    policy: VolumePolicy
    values = {"score": score, "least_calls": least_calls}
    policy, _ = VolumePolicy.objects.update_or_create(defaults=values)
    data = {
        "before": {"score": f"{before.score:g}", "least_calls": before.least_calls},
        "score": f"{score:g}",
        "least_calls": least_calls,
    }
    ledger.record(
        actor=actor, action="posture.volume.thresholds_changed", target=policy, at=now, data=data
    )
    return policy
