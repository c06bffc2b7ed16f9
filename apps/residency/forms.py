"""What people typed on the policy page, taken apart; the services judge it."""

import re
from uuid import UUID

from django.http import QueryDict

from apps.common.errors import DomainError, Invalid
from apps.residency.rules import RuleInput

# The inputs whose names differ from the services' words for the same thing.
INPUTS: dict[str, dict[str, str]] = {
    "rule": {
        "destination_zone": "zone",
        "destination_jurisdictions": "places",
        "subject_jurisdictions": "subjects",
    },
    "zone": {"name": "zone_name"},
    "field": {"data_class": "field_class"},
}
_SEPARATORS = re.compile(r"[\s,;]+")


def codes(text: str) -> list[str]:
    """Country codes or ranges, however they were separated."""
    return [code for code in _SEPARATORS.split(text) if code]


def zone_key(value: str, *, field: str) -> UUID | None:
    """A zone's id from a choice; None for the blank one. Raises `Invalid`."""
    if not value:
        return None
    try:
        return UUID(value)
    except ValueError as error:
        raise Invalid("Choose a zone from the list.", field=field) from error


def rule_from(post: QueryDict) -> RuleInput:
    """The rule in a posted form."""
    return RuleInput(
        name=post.get("name", ""),
        data_class=post.get("data_class", ""),
        effect=post.get("effect", ""),
        purpose=post.get("purpose", ""),
        subject_jurisdictions=codes(post.get("subjects", "")),
        destination_zone=zone_key(post.get("zone", ""), field="destination_zone"),
        destination_jurisdictions=codes(post.get("places", "")),
    )


def errors_by_input(form: str, error: DomainError) -> dict[str, str]:
    """The message under the name of the form's input that it belongs to."""
    field = error.field or ""
    return {INPUTS[form].get(field, field): error.message}
