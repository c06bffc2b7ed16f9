"""The addresses of a scan, one line a host, judged by where the org's data may be."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from apps.posture.models import ScanAddress
from apps.posture.scans.folders import place_of
from apps.residency.jurisdictions import name_of

# Member states of the European Union (europa.eu, 27 since 2020). A host that tells only "EU" lies
# inside a zone that holds all of them, outside one that holds none, and else it is unknown.
_EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
INSIDE, OUTSIDE, UNKNOWN, NO_ZONE = "inside", "outside", "unknown", "no_zone"
SHOWN_FILES, SHOWN_LINES = 4, 6


@dataclass(slots=True)
class Standing:
    """A file that an address stands in, as the org knows it, and on which lines."""

    named_by: str
    place: str
    lines: list[int]

    @property
    def line_words(self) -> str:
        """The first lines, in order."""
        first = sorted(set(self.lines))
        more = f" and {len(first) - SHOWN_LINES} more" if len(first) > SHOWN_LINES else ""
        return ", ".join(map(str, first[:SHOWN_LINES])) + more


@dataclass(slots=True)
class Host:
    """One host and everywhere it stands."""

    name: str
    provider: str
    is_llm: bool
    jurisdiction: str
    basis: str
    standing: str
    through: str
    called: bool = False
    plain: bool = False
    places: list[ScanAddress] = field(default_factory=list)

    @property
    def country(self) -> str:
        """The jurisdiction in words; "" when unknown."""
        return "European Union" if self.jurisdiction == "EU" else name_of(self.jurisdiction)

    @property
    def shown(self) -> list[Standing]:
        """The first files; calls before mentions."""
        return self._standings()[:SHOWN_FILES]

    @property
    def hidden(self) -> int:
        """How many files are not shown."""
        return max(0, len(self._standings()) - SHOWN_FILES)

    def _standings(self) -> list[Standing]:
        found: dict[tuple[str, str], Standing] = {}
        for each in sorted(self.places, key=lambda each: not each.called):
            at = (each.named_by, place_of(each.path))
            found.setdefault(at, Standing(*at, [])).lines.append(each.line)
        return list(found.values())

    @property
    def weight(self) -> tuple[bool, bool, bool, str]:
        """What needs someone first."""
        past = self.called and self.through != "yes"
        return (not (past and self.is_llm), not past, self.standing != OUTSIDE, self.name)

    @property
    def is_past_gateway(self) -> bool:
        """Whether data can go there without the gateway."""
        return self.called and self.through != "yes"


def hosts_of(addresses: Iterable[ScanAddress], *, zone: Collection[str] | None) -> list[Host]:
    """One line a host, what needs someone first. `zone` holds the countries of the org's zone."""
    found: dict[str, Host] = {}
    for each in addresses:
        host = found.get(each.host)
        if host is None:
            host = found[each.host] = Host(
                name=each.host,
                provider=each.provider,
                is_llm=each.is_llm,
                jurisdiction=each.jurisdiction,
                basis=each.basis,
                standing=standing_of(each.jurisdiction, zone),
                through=each.through_gateway,
            )
        host.called |= each.called
        host.plain |= each.scheme in {"http", "ws"}
        host.places.append(each)
    return sorted(found.values(), key=lambda host: host.weight)


def standing_of(jurisdiction: str, zone: Collection[str] | None) -> str:
    """Whether a jurisdiction lies inside a zone's countries."""
    if zone is None:
        return NO_ZONE
    if not jurisdiction:
        return UNKNOWN
    if jurisdiction != "EU":
        return INSIDE if jurisdiction in zone else OUTSIDE
    if set(zone) >= _EU:
        return INSIDE
    return UNKNOWN if _EU.intersection(zone) else OUTSIDE
