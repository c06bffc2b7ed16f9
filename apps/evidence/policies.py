"""Who may make packs and take them away: exporting is a power of its own.

An auditor may be limited to named packs. Whoever is limited sees those alone and makes no new
ones: a pack over a period would tell all that the limit keeps from them.
"""

from uuid import UUID

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision, allow, deny, first_denial
from apps.evidence import selectors
from apps.evidence.models import Pack
from apps.tenancy import policies as tenancy

LIMITED = "limited-to-named-packs"


def may_export(*, actor: Actor) -> Decision:
    """Have to do with packs at all. Operating or administering a tenant does not imply it."""
    return tenancy.may(actor, powers.EXPORT)


def may_make(*, actor: Actor) -> Decision:
    """Ask for packs and say how they look: for those who may see every pack."""
    decision = may_export(actor=actor)
    if not decision.allowed or selectors.packs_named_to(actor) is None:
        return decision
    return deny(
        LIMITED,
        "You see the packs that were named to you and make none of your own. "
        "A tenant admin can change that under People.",
    )


def may_see(*, actor: Actor, pack: Pack) -> Decision:
    """See this pack, take it, and try again when it failed."""
    decision = may_export(actor=actor)
    if not decision.allowed:
        return decision
    named = selectors.packs_named_to(actor)
    if named is None or pack.pk in named:
        return allow(decision.rule if named is None else "pack-is-named")
    return deny(LIMITED, "This pack is not among those named to you.")


def may_limit(*, actor: Actor, user_id: UUID) -> Decision:
    """Say which packs another person sees. Nobody widens their own view."""
    own = isinstance(actor, User) and actor.pk == user_id
    return first_denial(
        tenancy.may(actor, powers.MANAGE_MEMBERS),
        deny("own-packs", "Another tenant admin has to say which packs you see.")
        if own
        else allow("somebody-else"),
    )
