"""Reads of tenants and memberships."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, models

from apps.accounts.models import User
from apps.common.errors import NotFound
from apps.common.scope import current_tenant_id, scoped
from apps.tenancy.models import Membership, Tenant


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the open tenant with all their roles."""

    user: User
    roles: frozenset[str]


def current_tenant() -> Tenant:
    """The open scope's tenant."""
    return Tenant.objects.get(pk=current_tenant_id())


def roles_of(user: User) -> frozenset[str]:
    """The person's roles in the open tenant, read now; none for an account that was disabled."""
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        return frozenset()
    rows = Membership.objects.filter(tenant_id=current_tenant_id(), user=user)
    return frozenset(rows.values_list("role", flat=True))


def list_tenants_of(user: User) -> models.QuerySet[Tenant]:
    """Tenants that the person belongs to; needs that person in scope."""
    return Tenant.objects.filter(memberships__user=user).distinct().order_by("name")


def list_members() -> list[Member]:
    """People of the open tenant with their roles, by name."""
    rows = Membership.objects.filter(tenant_id=current_tenant_id()).select_related("user")
    roles: dict[UUID, set[str]] = {}
    users: dict[UUID, User] = {}
    for row in rows:
        roles.setdefault(row.user_id, set()).add(row.role)
        users[row.user_id] = row.user
    members = [Member(users[pk], frozenset(names)) for pk, names in roles.items()]
    return sorted(members, key=lambda member: member.user.name)


def get_member(*, user_id: UUID) -> Member:
    """One person of the open tenant, or `NotFound`."""
    for member in list_members():
        if member.user.pk == user_id:
            return member
    raise NotFound("That person is not a member here.")


def list_tenant_ids() -> list[UUID]:
    """Ids of all tenants, for schedulers. A database function gives ids and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("select tenancy_tenant_ids()")
        return [row[0] for row in cursor.fetchall()]


def find_tenant_id(slug: str) -> UUID | None:
    """The tenant of that slug, for commands; row security shows one tenant at a time."""
    for tenant_id in list_tenant_ids():
        with scoped(tenant_id=tenant_id):
            if Tenant.objects.filter(pk=tenant_id, slug=slug).exists():
                return tenant_id
    return None
