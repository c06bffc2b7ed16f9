"""Who may make and end API tokens, see personal values and erase a person's."""

from apps.accounts.models import User
from apps.common import powers
from apps.common.decisions import Decision, allow, deny
from apps.custody.models import IssuedToken
from apps.tenancy import policies as tenancy
from apps.tenancy import selectors
from apps.tenancy.roles import powers_of


def may_make_api_token(*, actor: User, wanted: frozenset[str]) -> Decision:
    """People with `tokens.manage`, for powers that they hold themselves.

    Who calls by token hands on no more than that token names.
    """
    decision = tenancy.may(actor, powers.MANAGE_API_TOKENS)
    if not decision.allowed:
        return decision
    held = powers_of(selectors.roles_of(actor))
    if actor.narrowed_to is not None:
        held &= actor.narrowed_to
    beyond = wanted - held
    if beyond:
        words = ", ".join(sorted(powers.WORDS[power] for power in beyond))
        return deny("token-within-own-powers", f"You cannot hand on what you may not do: {words}.")
    return allow("token-within-own-powers")


def may_end_api_token(*, actor: User, token: IssuedToken) -> Decision:
    """Its holder, and whoever manages members."""
    if token.holder_id == actor.pk:
        return allow("token-holder")
    return tenancy.may(actor, powers.MANAGE_MEMBERS)


def may_read_personal(*, actor: User) -> Decision:
    """Those with `personal.read`: admins and auditors."""
    return tenancy.may(actor, powers.READ_PERSONAL)


def may_erase_subject(*, actor: User) -> Decision:
    """Those who manage members."""
    return tenancy.may(actor, powers.MANAGE_MEMBERS)


def may_manage_keys(*, actor: User) -> Decision:
    """Those with `keys.manage`: rotate data keys, supply and revoke the organisation's own key."""
    return tenancy.may(actor, powers.MANAGE_KEYS)
