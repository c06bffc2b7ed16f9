"""Where data may be, what answers there, and which policy is in force."""

from apps.common import powers
from apps.dashboard import cards
from apps.dashboard.cards import Card, Empty, Line, Need, Reader, SetupStep
from apps.llm import selectors as llm
from apps.llm.models import Endpoint
from apps.residency import selectors as residency

NO_ZONE = "A zone names the jurisdictions in which data may be held; orgs and endpoints lie in one."


@cards.setup_step
def register_endpoint(reader: Reader) -> SetupStep | None:
    """A model to send data to."""
    if powers.MANAGE_POLICY not in reader.powers:
        return None
    return SetupStep(
        words="Register a model endpoint",
        why="Data flows only to models that you host and that lie in one of your zones.",
        url=reader.address("llm:register"),
        action="Register an endpoint",
        done=llm.list_endpoints().exists(),
    )


@cards.setup_step
def publish_policy(reader: Reader) -> SetupStep | None:
    """Without a published policy everything is denied."""
    if powers.MANAGE_POLICY not in reader.powers:
        return None
    return SetupStep(
        words="Publish a flow policy",
        why="Until a policy is in force, no record leaves any org.",
        url=reader.address("residency:policy"),
        action="Open the policy",
        done=residency.current_version() is not None,
    )


@cards.needs
def failing_endpoints(reader: Reader) -> list[Need]:
    """Models that do not answer, for those who register them."""
    if powers.MANAGE_POLICY not in reader.powers:
        return []
    rows = llm.list_endpoints().filter(state=Endpoint.State.FAILING)
    return [
        Need(
            tone="danger",
            kind="Endpoint",
            words=f"{endpoint.name} does not answer. {endpoint.health}".strip(),
            url=reader.address("llm:endpoints"),
            since=endpoint.checked_at,
        )
        for endpoint in rows
    ]


@cards.card
def zones(reader: Reader) -> Card:
    """Each zone and how many of its endpoints answer."""
    endpoints = list(llm.list_endpoints())
    url = reader.address("residency:policy")
    lines = tuple(
        _line(zone.name, [one for one in endpoints if one.zone_id == zone.pk])
        for zone in residency.list_zones()
    )
    empty = Empty(NO_ZONE, url if powers.MANAGE_POLICY in reader.powers else "", "Open the policy")
    return Card("Zones", lines, empty, url=url, more="Zones & policy")


def _line(zone: str, endpoints: list[Endpoint]) -> Line:
    if not endpoints:
        return Line(zone, "neutral", "no endpoint")
    up = sum(one.state == Endpoint.State.HEALTHY for one in endpoints)
    down = sum(one.state == Endpoint.State.FAILING for one in endpoints)
    words = f"{up} of {len(endpoints)} up"
    if down:
        return Line(zone, "danger" if not up else "attention", words)
    if up < len(endpoints):
        return Line(zone, "unknown", f"{words}, rest unknown" if up else "unknown")
    return Line(zone, "good", words)
