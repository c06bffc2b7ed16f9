"""What the catalogue's pages and API show: standings filtered, grouped and counted. No database."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from apps.common.errors import Invalid
from apps.evidence.catalogue.content import (
    Framework,
    Requirement,
    controls_serving,
    frameworks,
    get_requirement,
)
from apps.evidence.catalogue.results import WORDS
from apps.evidence.catalogue.selectors import CheckStanding, ControlStanding
from apps.evidence.pack.content import RESULTS, Result

PLANNED = "planned"
FILTERS = (*RESULTS, PLANNED)


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody wants to see; empty means everything."""

    result: str = ""
    requirement: Requirement | None = None

    def fits(self, standing: ControlStanding) -> bool:
        """Whether a control is wanted. `unknown` leaves out those that have no check at all."""
        if self.requirement and self.requirement not in standing.control.requirements:
            return False
        if self.result == PLANNED:
            return standing.is_planned
        return not self.result or (standing.result == self.result and not standing.is_planned)


@dataclass(frozen=True, slots=True)
class Area:
    """One area's controls: those with checks, the worst first, and those without."""

    id: str
    title: str
    checked: tuple[ControlStanding, ...]
    planned: tuple[ControlStanding, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """A requirement and the controls that help to meet it."""

    requirement: Requirement
    standings: tuple[ControlStanding, ...]

    @property
    def checked(self) -> list[ControlStanding]:
        return [each for each in self.standings if not each.is_planned]

    @property
    def planned(self) -> list[ControlStanding]:
        return [each for each in self.standings if each.is_planned]


def read_filter(result: str, requirement: str) -> Filter:
    """The filter that an address asks for. Raises `Invalid` naming the field."""
    if result and result not in FILTERS:
        raise Invalid(f"Choose one of {', '.join(FILTERS)}.", field="result")
    found = get_requirement(requirement) if requirement else None
    if requirement and found is None:
        raise Invalid("No control serves a requirement of that name.", field="requirement")
    return Filter(result, found)


def group(standings: Iterable[ControlStanding]) -> list[Area]:
    """By area, in the catalogue's order."""
    areas = []
    for (area, title), rows in groupby(standings, lambda s: (s.control.area, s.control.area_title)):
        found = list(rows)
        checked = sorted((r for r in found if not r.is_planned), key=_worst_first)
        areas.append(Area(area, title, tuple(checked), tuple(r for r in found if r.is_planned)))
    return areas


def count(standings: Iterable[ControlStanding]) -> dict[str, int]:
    """How many controls stand how; those without a check are counted apart."""
    counts = Counter(PLANNED if each.is_planned else each.result for each in standings)
    return {key: counts[key] for key in FILTERS}


def exceptions(standings: Iterable[ControlStanding]) -> list[CheckStanding]:
    """Checks that need somebody, broken ones first."""
    found = [check for each in standings for check in each.checks]
    wrong = [check for check in found if check.result in {"danger", "attention"}]
    return sorted(wrong, key=lambda check: RESULTS.index(check.result))


def serve(framework: Framework, standings: Mapping[str, ControlStanding]) -> list[Served]:
    """Each requirement of a framework with the controls that serve it."""
    return [
        Served(
            requirement,
            tuple(standings[control.id] for control in controls_serving(requirement)),
        )
        for requirement in framework.requirements
    ]


def choices() -> list[tuple[str, str]]:
    """Every requirement as a choice of a form."""
    return [
        (row.key, f"{framework.name} {row.label}: {row.title}")
        for framework in frameworks().values()
        for row in framework.requirements
    ]


def words_for(result: Result) -> str:
    """The word that people read for a result."""
    return WORDS[result]


def _worst_first(standing: ControlStanding) -> int:
    return RESULTS.index(standing.result)
