"""What someone may ask for, checked and brought into one form before anything is stored."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from apps.breakglass.models import EmergencyPolicy
from apps.breakglass.models.policy import SHORTEST
from apps.common.errors import Invalid
from apps.common.text import require_text

# Salesforce API names: letters, digits and underscores, beginning with a letter. No dots: a
# relationship field would reach into another object.
API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
RECORD_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
# A Salesforce case number, a case's record id, or a ticket such as M-2231.
CASE_REFERENCE = re.compile(r"\d{8}|500[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?|[A-Z]{1,10}-\d{1,12}")
MOST_FIELDS = 30
MOST_NETWORKS = 10
SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

Scope = dict[str, dict[str, list[str]]]


def check_justification(text: str) -> str:
    """The trimmed reason: 20 to 4,000 characters."""
    return require_text(
        text, field="justification", label="The justification", at_least=20, at_most=4000
    )


def check_case_reference(text: str) -> str:
    """The trimmed case reference."""
    reference = require_text(
        text, field="case_reference", label="The case reference", at_least=2, at_most=40
    )
    if not CASE_REFERENCE.fullmatch(reference):
        raise Invalid(
            "That is no case reference. Give the case number (00013377), the case's id (500…) or a "
            "ticket such as M-2231.",
            field="case_reference",
        )
    return reference


def check_scope(scope: Mapping[str, Any], *, policy: EmergencyPolicy) -> Scope:
    """The scope as object → fields and records, sorted, ids in their 18-character form."""
    if not isinstance(scope, Mapping) or not scope:
        raise Invalid("Name at least one object, its fields and its records.", field="scope")
    checked: Scope = {}
    for name, part in sorted(scope.items()):
        if not isinstance(part, Mapping):
            raise Invalid(f"{name}: give fields and records.", field="scope")
        checked[_name(name, "object", field="object_name")] = {
            "fields": _fields(part.get("fields")),
            "records": _records(part.get("records")),
        }
    count = sum(len(part["records"]) for part in checked.values())
    if count > policy.max_records:
        raise Invalid(
            f"That is {count} records; the policy allows {policy.max_records}. Ask for fewer.",
            field="records",
        )
    return checked


def check_networks(networks: Sequence[str]) -> list[str]:
    """The geofence as networks in CIDR form; an address alone means that one address."""
    names = _listed(networks, field="networks", label="network", at_most=MOST_NETWORKS)
    return sorted({_network(name) for name in names})


def check_duration(duration: timedelta, *, policy: EmergencyPolicy) -> timedelta:
    """A minute at least, the policy's limit at most."""
    if SHORTEST <= duration <= policy.max_duration:
        return duration
    most = int(policy.max_duration.total_seconds()) // 60
    raise Invalid(f"Choose between 1 and {most} minutes.", field="duration")


def long_id(record_id: str) -> str:
    """A record id in its 18-character, case-safe form.

    The three last characters say which of the first fifteen are capitals, five at a time (help
    page "What are the 15 and 18 character Salesforce ids"). Anything else is returned as it is.
    """
    if len(record_id) != 15:
        return record_id
    groups = (record_id[start : start + 5] for start in (0, 5, 10))
    return record_id + "".join(
        SUFFIX_ALPHABET[sum(1 << place for place, char in enumerate(group) if char.isupper())]
        for group in groups
    )


def _fields(names: Any) -> list[str]:
    listed = _listed(names, field="fields", label="field", at_most=MOST_FIELDS)
    return sorted({_name(name, "field", field="fields") for name in listed})


def _records(ids: Any) -> list[str]:
    listed = _listed(ids, field="records", label="record id", at_most=1000)
    for record_id in listed:
        if not RECORD_ID.fullmatch(record_id) or long_id(record_id[:15])[: len(record_id)] != (
            record_id
        ):
            raise Invalid(
                f"{record_id[:24]!r} is no Salesforce record id (15 or 18 letters and digits).",
                field="records",
            )
    return sorted({long_id(record_id) for record_id in listed})


def _listed(values: Any, *, field: str, label: str, at_most: int) -> list[str]:
    if not isinstance(values, list | tuple) or not all(isinstance(each, str) for each in values):
        raise Invalid(f"Give a list with at least one {label}.", field=field)
    listed = [each.strip() for each in values if each.strip()]
    if not listed:
        raise Invalid(f"Give at least one {label}.", field=field)
    if len(listed) > at_most:
        raise Invalid(f"At most {at_most} {label}s fit in one request.", field=field)
    return listed


def _name(name: Any, kind: str, *, field: str) -> str:
    if not isinstance(name, str) or not API_NAME.fullmatch(name.strip()):
        raise Invalid(
            f"{str(name)[:40]!r} is no {kind} name. Use the API name, such as Matter__c.",
            field=field,
        )
    return name.strip()


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Invalid(
            f"{text[:43]!r} is no network. Write it like 203.0.113.0/24.", field="networks"
        ) from error
    if network.prefixlen == 0:
        raise Invalid("That network is the whole internet. Name a smaller one.", field="networks")
    return str(network)
