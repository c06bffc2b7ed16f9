"""Who holds which role, and the gaps that would be felt at night."""

from apps.common import powers
from apps.dashboard import cards
from apps.dashboard.cards import Card, Line, Need, Reader, SetupStep
from apps.tenancy import selectors as tenancy
from apps.tenancy.roles import Role

# Emergency access asks for one approver of each kind; without them it cannot be approved.
QUORUM = (Role.LEGAL_APPROVER, Role.IT_APPROVER)


@cards.needs
def missing_approvers(reader: Reader) -> list[Need]:
    """Emergency access cannot be approved while a role of its quorum is held by nobody."""
    if powers.MANAGE_MEMBERS not in reader.powers:
        return []
    return [
        Need(
            tone="attention",
            kind="People",
            words=f"Nobody is {role.label}: emergency access could not be approved",
            url=reader.address("tenancy:members"),
        )
        for role in QUORUM
        if role.value not in reader.once(_held_roles)
    ]


@cards.setup_step
def give_roles(reader: Reader) -> SetupStep | None:
    """Someone in each role that approves emergencies."""
    if powers.MANAGE_MEMBERS not in reader.powers:
        return None
    return SetupStep(
        words="Give people their roles",
        why="Emergency access needs a legal and an IT approver who are different people.",
        url=reader.address("tenancy:members"),
        action="Open people",
        done=all(role.value in reader.once(_held_roles) for role in QUORUM),
    )


@cards.card
def people(reader: Reader) -> Card | None:
    """How many hold each role here."""
    if powers.MANAGE_MEMBERS not in reader.powers:
        return None
    members = reader.once(tenancy.list_members)
    holders = {role: sum(role.value in member.roles for member in members) for role in Role}
    lines = tuple(
        Line(str(role.label), "neutral" if count else "attention", str(count or "nobody"))
        for role, count in holders.items()
    )
    return Card("People by role", lines, url=reader.address("tenancy:members"), more="All people")


def _held_roles() -> frozenset[str]:
    members = tenancy.list_members()
    return frozenset().union(*(member.roles for member in members))
