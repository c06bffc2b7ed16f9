"""The rules a tenant's emergencies follow."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.breakglass import selectors
from apps.breakglass.models import EmergencyPolicy
from apps.breakglass.models.policy import LONGEST, SHORTEST
from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import Invalid
from apps.ledger import services as ledger
from apps.tenancy import policies as tenancy

POLICY_DECISION = "breakglass.policy.set"


@transaction.atomic
def set_policy(
    *,
    actor: User,
    factor: FreshFactor,
    legal_quorum: int,
    it_quorum: int,
    max_duration: timedelta,
    now: datetime,
    spooling: bool | None = None,
) -> EmergencyPolicy:
    """A new version of the rules. Requests keep the version they were submitted under.

    The factor's subject is the version that was on the page (`policy_subject`), so that two people
    cannot overwrite each other unseen. `spooling` stays as it was unless it is given. Raises
    `Denied`, `FactorRefused`, `Invalid`.
    """
    tenancy.may(actor, powers.MANAGE_POLICY).require()
    current = policy_in_force(actor=actor, now=now)
    if min(legal_quorum, it_quorum) < 1:
        raise Invalid("At least one person of each role must sign.", field="quorum")
    if not SHORTEST <= max_duration <= LONGEST:
        raise Invalid("Choose between a minute and 24 hours.", field="max_duration")
    accounts.spend_factor(
        factor=factor,
        user=actor,
        decision=POLICY_DECISION,
        subject=policy_subject(current.version),
        now=now,
    )
    policy = EmergencyPolicy.objects.create(
        version=current.version + 1,
        legal_quorum=legal_quorum,
        it_quorum=it_quorum,
        max_duration=max_duration,
        pending_life=current.pending_life,
        approval_life=current.approval_life,
        max_records=current.max_records,
        spooling=current.spooling if spooling is None else spooling,
    )
    _record(actor, policy, now)
    return policy


def policy_in_force(*, actor: Actor, now: datetime) -> EmergencyPolicy:
    """The newest version; the defaults become version 1 when they are first needed."""
    current = selectors.current_policy()
    if current is not None:
        return current
    policy, created = EmergencyPolicy.objects.get_or_create(version=1)
    if created:
        _record(actor, policy, now)
    return policy


def policy_subject(version: int) -> str:
    """What a factor for a change is bound to: the version that the change replaces."""
    return f"after-version-{version}"


def _record(actor: Actor, policy: EmergencyPolicy, now: datetime) -> None:
    ledger.record(
        actor=actor,
        action="breakglass.policy.set",
        target=policy,
        at=now,
        data={
            "version": policy.version,
            "quorum": {str(role): count for role, count in policy.quorum.items()},
            "max_minutes": int(policy.max_duration.total_seconds()) // 60,
            "spooling": policy.spooling,
        },
    )
