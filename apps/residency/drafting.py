"""The next policy version: what it would hold, and how it differs from the one in force."""

from typing import Any

from apps.residency import selectors, words
from apps.residency.models import FlowRule, PolicyVersion, Purpose, Zone

FORMAT = 1


def content_of_draft() -> dict[str, Any]:
    """What publishing now would freeze: zones, classes, purposes and rules, in a stable order."""
    rules = selectors.list_rules(selectors.current_draft() or selectors.current_version())
    zones = selectors.list_zones()
    return {
        "v": FORMAT,
        "purposes": sorted(Purpose.values),
        "zones": sorted(
            (_zone_content(zone) for zone in zones),
            key=lambda row: str(row["id"]),
        ),
        "classes": [
            {"object": row.object_name, "field": row.field_name, "class": row.data_class}
            for row in sorted(
                selectors.list_field_classes(), key=lambda row: (row.object_name, row.field_name)
            )
        ],
        "rules": [_rule_content(rule) for rule in rules],
    }


def difference(before: PolicyVersion | None, after: dict[str, Any]) -> list[str]:
    """What would change, one sentence a change; empty when nothing would."""
    old = (before.content if before else None) or {"zones": [], "classes": [], "rules": []}
    return [
        *_compare("Zone", _by_key(old["zones"], "id"), _by_key(after["zones"], "id"), words.zone),
        *_compare("Field", _classes(old), _classes(after), words.field_class),
        *_compare(
            "Rule",
            _by_key(old["rules"], "name"),
            _by_key(after["rules"], "name"),
            lambda row: words.rule(row, words.zone_names(after, old)),
        ),
    ]


def _zone_content(zone: Zone) -> dict[str, Any]:
    """A zone without ranges is written as before there were any, and keeps its hash."""
    ranges = {"networks": sorted(zone.networks)} if zone.networks else {}
    places = sorted(zone.jurisdictions)
    return {"id": str(zone.pk), "name": zone.name, "jurisdictions": places, **ranges}


def _rule_content(rule: FlowRule) -> dict[str, Any]:
    return {
        "order": rule.order,
        "name": rule.name,
        "data_class": rule.data_class,
        "subjects": sorted(rule.subject_jurisdictions),
        "purpose": rule.purpose,
        "zone": str(rule.destination_zone_id) if rule.destination_zone_id else None,
        "jurisdictions": sorted(rule.destination_jurisdictions),
        "effect": rule.effect,
    }


def _by_key(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {str(row[key]): row for row in rows}


def _classes(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{row['object']}.{row['field']}": row for row in content["classes"]}


def _compare(
    kind: str, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]], say: words.Say
) -> list[str]:
    lines = [f"{kind} added: {say(row)}" for key, row in new.items() if key not in old]
    lines += [f"{kind} removed: {say(row)}" for key, row in old.items() if key not in new]
    lines += [
        f"{kind} changed: {say(old[key])} becomes: {say(row)}"
        for key, row in new.items()
        if key in old and old[key] != row
    ]
    return lines
