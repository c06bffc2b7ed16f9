"""What the home page reads. Each card is one small function; see `cards` for how to add one."""

from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import User
from apps.common import powers
from apps.dashboard import cards
from apps.dashboard.cards import Card, Line, Need, Reader, SetupStep
from apps.dashboard.menu import address_of
from apps.ledger import registry
from apps.ledger import selectors as ledger
from apps.ledger.models import Event
from apps.tenancy import selectors as tenancy
from apps.tenancy.roles import Role

# Emergency access asks for one approver of each kind (see apps/breakglass); without them it cannot
# be approved, and one learns that at night.
QUORUM = (Role.LEGAL_APPROVER, Role.IT_APPROVER)
TONES_BY_URGENCY = ("danger", "attention", "unknown", "neutral", "good")


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the home page shows."""

    needs: list[Need]
    cards: list[Card]
    steps: list[SetupStep]
    last_event: Event | None
    last_words: str


def overview(*, user: User, held: frozenset[str], now: datetime) -> Overview:
    """The home page of the open tenant for one person."""
    reader = Reader(user, held, now)
    found = [need for read in cards.NEEDS for need in read(reader)]
    steps = [step for read in cards.STEPS if (step := read(reader))]
    last = ledger.last_event()
    return Overview(
        needs=sorted(found, key=_urgency),
        cards=[card for read in cards.CARDS if (card := read(reader))],
        steps=[] if all(step.done for step in steps) else steps,
        last_event=last,
        last_words=registry.words_for(last.action) if last else "",
    )


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
            url=address_of("tenancy:members"),
        )
        for role in QUORUM
        if role.value not in _held_roles()
    ]


@cards.setup_step
def give_roles(reader: Reader) -> SetupStep | None:
    """Someone in each role that approves emergencies."""
    if powers.MANAGE_MEMBERS not in reader.powers:
        return None
    return SetupStep(
        words="Give people their roles",
        why="Emergency access needs a legal and an IT approver who are different people.",
        url=address_of("tenancy:members"),
        action="Open people",
        done=all(role.value in _held_roles() for role in QUORUM),
    )


@cards.card
def people(reader: Reader) -> Card | None:
    """Who holds which role here."""
    if powers.MANAGE_MEMBERS not in reader.powers:
        return None
    members = tenancy.list_members()
    holders = {role: sum(role.value in member.roles for member in members) for role in Role}
    lines = tuple(
        Line(str(role.label), "neutral" if count else "attention", str(count or "nobody"))
        for role, count in holders.items()
    )
    return Card("People by role", lines, url=address_of("tenancy:members"), more="People")


def _held_roles() -> frozenset[str]:
    members = tenancy.list_members()
    return frozenset().union(*(member.roles for member in members))


def _urgency(need: Need) -> tuple[int, float]:
    deadline = need.until.timestamp() if need.until else float("inf")
    return TONES_BY_URGENCY.index(need.tone), deadline
