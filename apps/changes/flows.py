"""What a change of the policy, or of a zone, would let go where. Pure.

Fields that two policies class alike are one case, told by one of them; every purpose, zone and
country that either policy names is asked, and one country that none of them names.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from apps.residency.compiled import CompiledPolicy
from apps.residency.decide import DENY, Flow, decide
from apps.residency.jurisdictions import NAMES

MOST_ROWS = 200
ELSEWHERE = "*"  # a country that no policy names
NO_CLASS = ("Any object", "a field that nobody classified")
CLASS_WORDS = {"fit": "fit for models", "restricted": "restricted", "never": "never leaves"}
Case = tuple[tuple[str, str], str]  # a field that stands for its like, and how many there are


def compare_policies(before: CompiledPolicy | None, after: CompiledPolicy) -> dict[str, Any]:
    """Every flow that the two decide differently."""
    both = [each for each in (before, after) if each is not None]
    zones = {zone: place.name for each in both for zone, place in each.places.items()}
    rows: list[dict[str, Any]] = []
    people = _people(both)
    for field, about in _cases(both):
        for purpose, zone in product(_purposes(both), zones):
            were = {
                name: _effect(before, field, code, purpose, zone) for name, code in people.items()
            }
            will = {
                name: _effect(after, field, code, purpose, zone) for name, code in people.items()
            }
            rows += _rows(about, purpose, zones[zone], were, will)
    return _told(rows)


def compare_zones(policy: CompiledPolicy, before: str, after: str) -> dict[str, Any]:
    """Every flow that may go to one zone and not to the other."""
    place = policy.places.get(after)
    zone_name = place.name if place else "a zone that the policy does not know"
    people = _people([policy])
    rows: list[dict[str, Any]] = []
    for field, about in _cases([policy]):
        for purpose in _purposes([policy]):
            were = {
                name: _effect(policy, field, code, purpose, before) for name, code in people.items()
            }
            will = {
                name: _effect(policy, field, code, purpose, after) for name, code in people.items()
            }
            rows += _rows(about, purpose, zone_name, were, will)
    return _told(rows)


def decides_alike(one: CompiledPolicy, other: CompiledPolicy) -> bool:
    """Whether no sampled flow is decided differently."""
    found: list[Any] = compare_policies(one, other)["flows"]
    return not found


def _rows(
    about: str, purpose: str, zone: str, were: Mapping[str, str], will: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """One row for all countries whose lot changes the same way."""
    groups: dict[tuple[str, str], list[str]] = {}
    for code, effect in will.items():
        if were[code] != effect:
            groups.setdefault((were[code], effect), []).append(code)
    for (was, becomes), codes in groups.items():
        yield {
            "data": about,
            "purpose": purpose,
            "zone": zone,
            "people": codes,
            "before": was,
            "after": becomes,
            "becomes": _lot(was, becomes),
        }


def _lot(was: str, becomes: str) -> str:
    if was == DENY:
        return "opened"
    return "closed" if becomes == DENY else "altered"


def _told(rows: list[dict[str, Any]]) -> dict[str, Any]:
    known = "all" if len(rows) <= MOST_ROWS else "part"
    order = ("opened", "altered", "closed")
    rows.sort(key=lambda row: order.index(row["becomes"]))
    return {
        "about": "flows", "known": known, "callers": [], "flows": rows[:MOST_ROWS],
        "flow_count": len(rows),
    }  # fmt: skip


def _effect(
    policy: CompiledPolicy | None, field: tuple[str, str], code: str, purpose: str, zone: str
) -> str:
    flow = Flow(field[0], (field[1],), (code,), purpose, zone)
    return decide(flow, policy).effect


def _cases(policies: Iterable[CompiledPolicy]) -> list[Case]:
    each = list(policies)
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = {(): []}
    for field in sorted({field for policy in each for field in policy.classes}):
        groups.setdefault(tuple(policy.class_of(*field) for policy in each), []).append(field)
    del groups[()]
    cases = [(fields[0], _about(fields, classes)) for classes, fields in groups.items()]
    return [*cases, (NO_CLASS, "Fields that nobody classified")]


def _about(fields: list[tuple[str, str]], classes: tuple[str, ...]) -> str:
    more = f" and {len(fields) - 1} more" if len(fields) > 1 else ""
    return f"{'.'.join(fields[0])}{more} ({CLASS_WORDS.get(classes[-1], classes[-1])})"


def _purposes(policies: Iterable[CompiledPolicy]) -> list[str]:
    return sorted({purpose for policy in policies for purpose in policy.purposes})


def _people(policies: Iterable[CompiledPolicy]) -> dict[str, str]:
    """The countries to ask for, by how the table names them."""
    named: set[str] = set()
    for policy in policies:
        for part in (*(rule.subjects for rule in policy.rules),
                     *(place.jurisdictions for place in policy.places.values())):  # fmt: skip
            named |= part
    found = {code: code for code in sorted(named)}
    elsewhere = next((code for code in sorted(NAMES) if code not in named), None)
    return {**found, ELSEWHERE: elsewhere} if elsewhere else found
