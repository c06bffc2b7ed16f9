"""How the connected orgs stand."""

from apps.common import powers
from apps.crm import selectors as crm
from apps.crm.models import Connection
from apps.dashboard import cards
from apps.dashboard.cards import Card, Empty, Line, Need, Reader, SetupStep

TONES = {
    Connection.State.CONNECTING: "unknown",
    Connection.State.HEALTHY: "good",
    Connection.State.FAILING: "danger",
}
NO_ORG = "An org is one Salesforce instance whose apps, tokens and people this tenant governs."


@cards.setup_step
def connect_first_org(reader: Reader) -> SetupStep | None:
    """Nothing can be governed before an org is connected."""
    if powers.MANAGE_CONNECTIONS not in reader.powers:
        return None
    return SetupStep(
        words="Connect your first org",
        why=NO_ORG,
        url=_first_step(reader),
        action="Connect an org",
        done=bool(reader.once(_governed)),
    )


@cards.needs
def failing_orgs(reader: Reader) -> list[Need]:
    """Orgs that the console cannot sign in to, for those who can mend that."""
    if powers.MANAGE_CONNECTIONS not in reader.powers:
        return []
    return [
        Need(
            tone="danger",
            kind="Org",
            words=f"{org.name} cannot be reached. {org.last_error}".strip(),
            url=reader.address("crm:lockout", org.pk) or _address(reader, org),
            since=org.checked_at,
        )
        for org in reader.once(_governed)
        if org.state == Connection.State.FAILING
    ]


@cards.sentence
def orgs_in_a_sentence(reader: Reader) -> str:
    """`2 of 3 orgs are healthy.`"""
    orgs = reader.once(_governed)
    if not orgs:
        return ""
    healthy = sum(org.state == Connection.State.HEALTHY for org in orgs)
    if healthy == len(orgs):
        return "The org is healthy." if healthy == 1 else f"All {healthy} orgs are healthy."
    return f"{healthy} of {len(orgs)} {'org' if len(orgs) == 1 else 'orgs'} healthy."


@cards.card
def orgs(reader: Reader) -> Card:
    """Each org and whether it works."""
    url = reader.address("crm:connections")
    lines = tuple(
        Line(
            org.name,
            TONES[Connection.State(org.state)],
            str(Connection.State(org.state).label),
            url=_address(reader, org),
            detail=org.zone.name,
        )
        for org in reader.once(_governed)
    )
    empty = Empty(NO_ORG, _first_step(reader), "Connect your first org")
    return Card("Orgs", lines, empty, url=url, more="All orgs")


def _governed() -> list[Connection]:
    rows = crm.list_connections().exclude(state=Connection.State.DISCONNECTED)
    return list(rows.defer("private_key", "client_secret"))


def _address(reader: Reader, org: Connection) -> str:
    return reader.address("crm:connection", org.pk) or reader.address("crm:connections")


def _first_step(reader: Reader) -> str:
    return reader.address("crm:connect")
