"""Who may do what with emergency access. Silence means no."""

import ipaddress
from collections.abc import Collection
from uuid import UUID

from apps.accounts.models import User
from apps.breakglass.models import Request
from apps.breakglass.models.approval import APPROVING_ROLES
from apps.breakglass.states import State
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision, allow, deny, first_denial
from apps.crm.models import Connection
from apps.tenancy import policies as tenancy
from apps.tenancy import selectors as tenancy_selectors
from apps.tenancy.roles import Role

APPROVE_GRANT = "crm.approve_emergency"


def may_request(*, actor: User, connection: Connection) -> Decision:
    """Whoever holds the power may ask, for an org that is still connected."""
    if connection.state == Connection.State.DISCONNECTED:
        return deny("org-disconnected", f"{connection} is disconnected, so there is no way in.")
    return tenancy.may(actor, powers.REQUEST_EMERGENCY)


def may_be_elevated(*, requester: User | None, connection: Connection) -> Decision:
    """`may_request` once more at activation, for an account that may have left meanwhile."""
    if requester is None:
        return deny("requester-gone", "The person who asked does not belong here any more.")
    return may_request(actor=requester, connection=connection)


def may_approve(*, actor: User, request: Request, role: str) -> Decision:
    """Approvers of that role, with the org's grant, who are not the requester's person."""
    return first_denial(_is_someone_else(actor, request), has_authority(actor, request, role))


def may_deny(*, actor: User, request: Request) -> Decision:
    """One approver of either role suffices to say no; a requester withdraws instead."""
    return first_denial(_is_someone_else(actor, request), _may_decide(actor, request))


def may_withdraw(*, actor: User, request: Request) -> Decision:
    """The requester, from whichever of their accounts."""
    if actor.person_id == request.requester_person:
        return tenancy.may(actor, powers.READ_EMERGENCY)
    return deny("requester-only", "Only the person who asked can withdraw the request.")


def may_end(*, actor: Actor, request: Request) -> Decision:
    """The requester when they are done; whoever holds the power, at any time."""
    if isinstance(actor, User) and actor.person_id == request.requester_person:
        return tenancy.may(actor, powers.READ_EMERGENCY)
    return tenancy.may(actor, powers.END_EMERGENCY)


def may_reveal(*, actor: User, request: Request) -> Decision:
    """The very account that asked: the token is bound to it."""
    if actor.pk == request.requester_id:
        return tenancy.may(actor, powers.REQUEST_EMERGENCY)
    return deny("requester-only", "Only the account that asked may see the token.")


def may_read_why(*, actor: User, request: Request) -> bool:
    """The reason may hold personal data: requester, deciders and those who read the ledger."""
    return actor.person_id == request.requester_person or may_read_every_why(actor)


def may_read_every_why(actor: User) -> bool:
    """The part of `may_read_why` that is the same for every request."""
    asked = (powers.APPROVE_EMERGENCY, powers.END_EMERGENCY, powers.READ_LEDGER)
    return any(tenancy.may(actor, power).allowed for power in asked)


def has_authority(actor: User, request: Request, role: str) -> Decision:
    """Whether the person holds the approving role now, and the grant on this org now."""
    held = tenancy_selectors.roles_of(actor)
    if role not in APPROVING_ROLES or role not in held:
        named = Role(role).label if role in Role.values else "approver"
        return deny("approving-role", f"You do not hold the role {named} here.")
    return _may_decide(actor, request)


def may_read_record(
    *,
    request: Request,
    holder: User | None,
    object_name: str,
    record_id: str,
    fields: Collection[str],
) -> Decision:
    """Whether an elevated call stays within what was signed. Time is tested by the caller."""
    part = request.scope.get(object_name, {"fields": [], "records": []})
    outside = sorted(set(fields) - set(part["fields"]))
    if request.state != State.ACTIVE:
        return deny("elevation-active", "This emergency access is not active.")
    if holder is None or holder.pk != request.requester_id:
        return deny("elevation-holder", "This access belongs to someone who is not here any more.")
    if object_name not in request.scope:
        return deny("elevation-object", "This object is not part of what was approved.")
    if record_id not in part["records"]:
        return deny("elevation-record", "This record is not part of what was approved.")
    if outside or not fields:
        return deny("elevation-fields", "Some of these fields are not part of what was approved.")
    return tenancy.may(holder, powers.REQUEST_EMERGENCY)


def may_spool(*, request: Request) -> Decision:
    """Whether this access goes on while the ledger cannot be written. Only an active one may: the
    caller has just admitted a call of it."""
    if request.state == State.ACTIVE and request.policy.spooling:
        return allow("policy-spools")
    return deny(
        "policy-never-spools",
        "The ledger cannot be written, and these emergency rules keep no record elsewhere.",
    )


def is_inside(*, request: Request, address: str) -> Decision:
    """Whether a call comes from within the geofence that was signed."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return deny("elevation-geofence", "The call's address is unknown.")
    if any(ip in ipaddress.ip_network(network) for network in request.networks):
        return allow("inside-geofence")
    return deny("elevation-geofence", "This access may not be used from this network.")


def _may_decide(actor: User, request: Request) -> Decision:
    return tenancy.may_on(
        actor, powers.APPROVE_EMERGENCY, target=request.connection, grant=APPROVE_GRANT
    )


def _is_someone_else(actor: User, request: Request) -> Decision:
    if actor.person_id in _requesters(request):
        return deny("not-your-own", "Nobody decides about their own request.")
    return allow("someone-else")


def _requesters(request: Request) -> set[UUID]:
    """The person as recorded, and as the account says now, should it have been corrected."""
    account = User.objects.filter(pk=request.requester_id).first()
    return {request.requester_person} | ({account.person_id} if account else set())
