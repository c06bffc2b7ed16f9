"""Apps whose scopes differ from what someone approved."""

from collections import Counter

from apps.common import powers
from apps.crm import selectors as crm
from apps.crm.models import Connection
from apps.dashboard import cards
from apps.dashboard.cards import Card, Line, Need, Reader
from apps.posture import selectors as posture
from apps.posture.comparison import DEVIATES, NO_BASELINE, UNKNOWN, Comparison

Standing = tuple[Connection, list[Comparison] | None]


@cards.needs
def drift(reader: Reader) -> list[Need]:
    """Apps that hold more or less than was approved, for those who approve."""
    if powers.APPROVE_BASELINE not in reader.powers:
        return []
    return [
        Need(
            tone=each.tone,
            kind="Drift",
            words=f"{each.app.label} on {org.name}: {each.words[:1].lower()}{each.words[1:]}",
            url=reader.address("posture:app", each.app.pk),
            since=each.app.snapshot.taken_at,
        )
        for org, comparisons in reader.once(_standings)
        for each in comparisons or []
        if each.standing == DEVIATES
    ]


@cards.card
def scopes(reader: Reader) -> Card | None:
    """Per org, how many apps differ from their baseline or have none."""
    standings = reader.once(_standings)
    if powers.READ_APPS not in reader.powers or not standings:
        return None
    url = reader.address("posture:apps")
    lines = tuple(_line(org, comparisons, url) for org, comparisons in standings)
    return Card("Apps & scopes", lines, url=url, more="All apps")


def _line(org: Connection, comparisons: list[Comparison] | None, url: str) -> Line:
    address = f"{url}?org={org.pk}" if url else ""
    if comparisons is None:
        return Line(org.name, "unknown", "not read yet", url=address)
    counts = Counter(each.standing for each in comparisons)
    apps = f"{len(comparisons)} app{'' if len(comparisons) == 1 else 's'}"
    if counts[DEVIATES]:
        differ = "differs" if counts[DEVIATES] == 1 else "differ"
        return Line(org.name, "danger", f"{counts[DEVIATES]} {differ}", url=address, detail=apps)
    if counts[NO_BASELINE]:
        words = f"{counts[NO_BASELINE]} not approved"
        return Line(org.name, "attention", words, url=address, detail=apps)
    if counts[UNKNOWN]:
        return Line(org.name, "unknown", f"{counts[UNKNOWN]} unknown", url=address, detail=apps)
    return Line(org.name, "good", "as approved", url=address, detail=apps)


def _standings() -> list[Standing]:
    """Each governed org with its apps beside their baselines; None before the first snapshot."""
    orgs = crm.list_connections().exclude(state=Connection.State.DISCONNECTED)
    return posture.compare_orgs(orgs.defer("private_key", "client_secret"))
