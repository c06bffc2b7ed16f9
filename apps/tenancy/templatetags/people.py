"""`{% load people %}`: members and roles in words."""

from collections.abc import Iterable

from django import template

from apps.common import powers
from apps.tenancy.roles import POWERS, Role
from apps.tenancy.selectors import Member

register = template.Library()


@register.filter
def held_roles(member: Member) -> list[Role]:
    """A member's roles, in the order in which roles are listed everywhere."""
    return [role for role in Role if role.value in member.roles]


@register.filter
def powers_in_words(role: Role) -> str:
    """What a role allows: "Read the ledger, see sync jobs"."""
    words = ", ".join(words for power, words in powers.WORDS.items() if power in POWERS[role])
    return words[:1].upper() + words[1:]


@register.simple_tag
def without_role(members: Iterable[Member]) -> list[str]:
    """Labels of the roles that nobody here holds."""
    held = frozenset().union(*(member.roles for member in members))
    return [str(role.label) for role in Role if role.value not in held]
