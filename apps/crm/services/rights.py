"""Rights on one org: given by role when it is connected, then member by member."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from guardian.shortcuts import assign_perm, get_perms, remove_perm

from apps.accounts.models import User
from apps.common.errors import Invalid
from apps.crm import policies, selectors
from apps.crm.models import Connection
from apps.ledger import services as ledger
from apps.tenancy import selectors as tenancy
from apps.tenancy.models import UserGrant


def give_to_members(connection: Connection) -> None:
    """Every member gets the rights that their roles come with; part of `connect_org`."""
    holders: dict[str, list[User]] = {}
    for member in tenancy.list_members():
        for right in policies.rights_for(member.roles):
            holders.setdefault(right, []).append(member.user)
    for right, users in sorted(holders.items()):
        UserGrant.objects.assign_perm_to_many(right, users, connection, ignore_conflicts=True)


@transaction.atomic
def give_rights(*, actor: User, connection_id: UUID, user_id: UUID, now: datetime) -> User:
    """Give a member the rights their roles come with. Raises `Denied`, `NotFound`, `Invalid`."""
    policies.may_connect(actor).require()
    connection = selectors.lock_connection_for(actor=actor, connection_id=connection_id)
    member = tenancy.get_member(user_id=user_id)
    rights = policies.rights_for(member.roles)
    if not rights:
        raise Invalid("This member's roles come with no rights on an org.", field="user_id")
    given = _give(member.user, connection, rights)
    if not given:
        raise Invalid("This member has these rights already.", field="user_id")
    ledger.record(
        actor=actor,
        action="crm.rights.given",
        target=connection,
        at=now,
        data={"user": str(user_id), "rights": sorted(given)},
    )
    return member.user


@transaction.atomic
def take_rights(*, actor: User, connection_id: UUID, user_id: UUID, now: datetime) -> User:
    """Take all of a member's rights on the org. Raises `Denied`, `NotFound`, `Invalid`."""
    policies.may_connect(actor).require()
    connection = selectors.lock_connection_for(actor=actor, connection_id=connection_id)
    member = tenancy.get_member(user_id=user_id)
    held = sorted(get_perms(member.user, connection))
    if not held:
        raise Invalid("This member has no rights on this org.", field="user_id")
    for right in held:
        remove_perm(right, member.user, connection)
    ledger.record(
        actor=actor,
        action="crm.rights.taken",
        target=connection,
        at=now,
        data={"user": str(user_id), "rights": held},
    )
    return member.user


def _give(user: User, connection: Connection, rights: frozenset[str]) -> set[str]:
    missing = set(rights) - set(get_perms(user, connection))
    for right in sorted(missing):
        assign_perm(f"crm.{right}", user, connection)
    return missing
