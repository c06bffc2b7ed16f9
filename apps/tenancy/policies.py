"""Who may do what: role powers of the open tenant, then grants on the object. Silence means no."""

from django.db import models
from guardian.shortcuts import get_objects_for_user

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor, ServiceActor
from apps.common.decisions import Decision, allow, deny
from apps.tenancy import selectors
from apps.tenancy.roles import POWERS, Role, powers_of

# What background work may do without a person behind it.
SERVICE_POWERS: dict[str, frozenset[str]] = {
    "crm": frozenset({powers.READ_APPS}),
    "breakglass": frozenset({powers.END_EMERGENCY}),
    "reviews": frozenset({powers.READ_REVIEWS}),
    "sync": frozenset({powers.RUN_SYNC}),
    "evidence": frozenset({powers.READ_LEDGER}),
}


def may(actor: Actor, power: str) -> Decision:
    """Whether the actor holds a power in the open tenant, judged on memberships as of now.

    A call by API token has the powers that the token names and its holder still has.
    """
    narrowed = actor.narrowed_to if isinstance(actor, User) else None
    if narrowed is not None and power not in narrowed:
        return deny(f"token-lacks:{power}", f"This token may not {powers.WORDS[power]}.")
    if isinstance(actor, ServiceActor):
        held = SERVICE_POWERS.get(actor.name, frozenset())
    elif isinstance(actor, User):
        held = powers_of(selectors.roles_of(actor))
    else:
        held = frozenset()
    if power in held:
        return allow(f"role-gives:{power}")
    return deny(f"needs:{power}", f"You may not {powers.WORDS[power]} here. {_who_may(power)}")


def may_on(actor: Actor, power: str, *, target: models.Model, grant: str) -> Decision:
    """`may`, and for people also guardian's grant of this one object (`crm.operate_connection`)."""
    decision = may(actor, power)
    if not decision.allowed or isinstance(actor, ServiceActor):
        return decision
    held = get_objects_for_user(
        actor,
        grant,
        klass=type(target),
        use_groups=False,
        with_superuser=False,
        accept_global_perms=False,
    )
    if held.filter(pk=target.pk).exists():
        return allow(f"granted:{grant}")
    return deny(
        f"needs-grant:{grant}",
        f"You have no rights on {target}. A tenant admin can give them on its page.",
    )


def _who_may(power: str) -> str:
    roles = [Role(role).label for role, given in POWERS.items() if power in given]
    return f"It takes the role {' or '.join(roles)}." if roles else "Nobody may."
