"""Policies in words that a lawyer can check."""

from collections.abc import Callable, Mapping
from typing import Any

from apps.residency.jurisdictions import name_of
from apps.residency.models import DataClass, FlowRule, Purpose

Say = Callable[[Mapping[str, Any]], str]
VERBS = {"allow": "may go to", "mask": "may go, masked, to", "deny": "must not go to"}
CLASSES = {
    "fit": "Fields that are fit for models",
    "restricted": "Restricted and unclassified fields",
    "any": "All fields",
}


def places(codes: list[str] | frozenset[str]) -> str:
    """Countries in words: "Germany, France or Italy"."""
    names = sorted(name_of(code) for code in codes)
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def zone(row: Mapping[str, Any]) -> str:
    """A zone, where it lies, and the address ranges that belong to it."""
    ranges = f", with the ranges {', '.join(row['networks'])}" if row.get("networks") else ""
    return f"{row['name']} ({', '.join(row['jurisdictions'])}){ranges}"


def zone_names(*contents: Mapping[str, Any]) -> dict[str, str]:
    """Names of the zones that any of the contents holds."""
    return {row["id"]: row["name"] for content in contents for row in content["zones"]}


def field_class(row: Mapping[str, Any]) -> str:
    """A field and its class."""
    return f"{row['object']}.{row['field']}: {DataClass(row['class']).label.lower()}"


def rule(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """One rule as a sentence."""
    about = f" about people in {places(row['subjects'])}" if row["subjects"] else ""
    errand = f" to {Purpose(row['purpose']).label.lower()}" if row["purpose"] else ""
    if row["zone"]:
        where = f"the zone {names.get(row['zone'], 'that no longer exists')}"
    else:
        where = places(row["jurisdictions"]) or "anywhere"
    return f"{CLASSES[row['data_class']]}{about} {VERBS[row['effect']]} {where}{errand}."


def rule_row(row: FlowRule) -> str:
    """A stored rule as a sentence."""
    content = {
        "data_class": row.data_class,
        "subjects": row.subject_jurisdictions,
        "purpose": row.purpose,
        "zone": str(row.destination_zone_id) if row.destination_zone_id else None,
        "jurisdictions": row.destination_jurisdictions,
        "effect": row.effect,
    }
    named = row.destination_zone
    return rule(content, {str(named.pk): named.name} if named else {})
