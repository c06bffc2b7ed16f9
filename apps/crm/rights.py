"""Who holds which rights on an org, as its page shows it."""

from dataclasses import dataclass

from apps.accounts.models import User
from apps.crm.models import Connection
from apps.crm.policies import rights_for
from apps.crm.selectors import list_rights
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
    held = list_rights(connection)
    lines = []
    for member in list_members():
        due, own = rights_for(member.roles), held.get(member.user.pk, set())
        roles = sorted(str(Role(role).label) for role in member.roles)
        lines.append(Line(member.user, roles, _words(own), _words(due), bool(due - own)))
    return lines


def _words(rights: set[str] | frozenset[str]) -> list[str]:
    return [str(_WORDS[right]) for right in _WORDS if right in rights]
