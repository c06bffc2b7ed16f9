"""Who holds which rights on an org, as its page shows it."""

from dataclasses import dataclass

from guardian.shortcuts import get_users_with_perms

from apps.accounts.models import User
from apps.crm.models import Connection
from apps.crm.policies import rights_for
from apps.tenancy.roles import Role
from apps.tenancy.selectors import list_members

_WORDS = dict(Connection._meta.permissions)


@dataclass(frozen=True, slots=True)
class Line:
    """One member, what they hold on the org, and what their roles come with."""

    user: User
    roles: list[str]
    held: list[str]
    due: list[str]
    lacks: bool


def lines_of_rights(connection: Connection) -> list[Line]:
    """Every member of the tenant, by name."""
    holders: dict[User, list[str]] = get_users_with_perms(  # type: ignore[assignment]
        connection, attach_perms=True, with_group_users=False, with_superusers=False
    )
    held = {user.pk: set(rights) for user, rights in holders.items()}
    lines = []
    for member in list_members():
        due, own = rights_for(member.roles), held.get(member.user.pk, set())
        roles = sorted(str(Role(role).label) for role in member.roles)
        lines.append(Line(member.user, roles, _words(own), _words(due), bool(due - own)))
    return lines


def _words(rights: set[str] | frozenset[str]) -> list[str]:
    return [str(_WORDS[right]) for right in _WORDS if right in rights]
