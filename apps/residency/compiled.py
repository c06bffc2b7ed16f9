"""A published policy as a table in memory. Pure: no Django, no database, no clock."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import rfc8785

STRICTEST_FIRST = {"deny": 0, "mask": 1, "allow": 2}
CLASSES = ("fit", "restricted")
ANY_CLASS = "any"
UNCLASSIFIED = "restricted"  # a field that nobody classified


@dataclass(frozen=True, slots=True)
class Place:
    """A zone as published; data sent there may come to rest in any of its jurisdictions."""

    id: str
    name: str
    jurisdictions: frozenset[str]
    networks: tuple[str, ...] = ()
    """Address ranges that belong to it (CIDR); none when nobody said them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as published. Empty sets, "" and None mean "any"."""

    order: int
    name: str
    data_class: str
    subjects: frozenset[str]
    purpose: str
    zone: str | None
    jurisdictions: frozenset[str]
    effect: str

    def concerns(self, data_class: str, purpose: str, place: Place) -> bool:
        """Whether the rule speaks about such data on such an errand to that place.

        A permit must cover every jurisdiction of the place; a denial needs to name one of them.
        """
        if self.data_class not in {data_class, ANY_CLASS}:
            return False
        if self.purpose not in {"", purpose} or self.zone not in {None, place.id}:
            return False
        if not self.jurisdictions:
            return self.effect == "deny" or self.zone is not None
        if self.effect == "deny":
            return bool(self.jurisdictions & place.jurisdictions)
        return place.jurisdictions <= self.jurisdictions


Key = tuple[str, str, str]  # data class, purpose, zone


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """What decides: looked up by class, purpose and zone; candidates stand strictest first."""

    hash: str
    number: int
    places: Mapping[str, Place]
    classes: Mapping[tuple[str, str], str]
    purposes: frozenset[str]
    rules: tuple[Rule, ...]
    table: Mapping[Key, tuple[Rule, ...]] = field(repr=False)

    def class_of(self, object_name: str, field_name: str) -> str:
        """The field's published class; unclassified is restricted."""
        return self.classes.get((object_name, field_name), UNCLASSIFIED)


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the content as canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()


def compile_policy(content: Mapping[str, Any], *, number: int = 0) -> CompiledPolicy:
    """The table for a version's content (see `drafting.content_of_draft` for its form)."""
    places = {
        row["id"]: Place(
            row["id"],
            row["name"],
            frozenset(row["jurisdictions"]),
            tuple(row.get("networks", ())),
        )
        for row in content["zones"]
    }
    rules = tuple(_rule(row) for row in content["rules"])
    purposes = frozenset(content["purposes"])
    return CompiledPolicy(
        hash=hash_of(content),
        number=number,
        places=places,
        classes={(row["object"], row["field"]): row["class"] for row in content["classes"]},
        purposes=purposes,
        rules=rules,
        table={
            (data_class, purpose, place.id): _candidates(rules, data_class, purpose, place)
            for data_class in CLASSES
            for purpose in purposes
            for place in places.values()
        },
    )


def _candidates(
    rules: tuple[Rule, ...], data_class: str, purpose: str, place: Place
) -> tuple[Rule, ...]:
    found = (rule for rule in rules if rule.concerns(data_class, purpose, place))
    return tuple(sorted(found, key=lambda rule: (STRICTEST_FIRST[rule.effect], rule.order)))


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        order=row["order"],
        name=row["name"],
        data_class=row["data_class"],
        subjects=frozenset(row["subjects"]),
        purpose=row["purpose"],
        zone=row["zone"],
        jurisdictions=frozenset(row["jurisdictions"]),
        effect=row["effect"],
    )
