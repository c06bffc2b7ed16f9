"""Up to 200 records by one request, each with its own outcome.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.crm import errors
from apps.crm.client.answers import error_from
from apps.crm.client.org import CHANGE, Org
from apps.crm.client.soql import checked_id

AT_MOST = 200
_PATH = "composite/sobjects"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record, in the order they were given. `error` is None when it was done."""

    record_id: str
    error: errors.CrmError | None


def delete(org: Org, record_ids: Sequence[str]) -> list[Outcome]:
    """Delete records by their ids. Deleting twice finds nothing the second time."""
    outcomes: list[Outcome] = []
    for part in _parts([checked_id(each) for each in record_ids]):
        wanted = {"ids": ",".join(part), "allOrNone": "false"}
        outcomes += _outcomes(org, org.ask("DELETE", _PATH, CHANGE, params=wanted), part)
    return outcomes


def _parts(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + AT_MOST] for start in range(0, len(ids), AT_MOST)]


def _outcomes(org: Org, told: Any, asked: Sequence[str]) -> list[Outcome]:
    if not isinstance(told, list) or len(told) != len(asked):
        unsure = errors.NotJson(f"{org.host} did not answer for every record.")
        unsure.outcome_unknown = True
        raise unsure
    return [Outcome(each, _error(org, row)) for each, row in zip(asked, told, strict=True)]


def _error(org: Org, told: Any) -> errors.CrmError | None:
    row = told if isinstance(told, dict) else {}
    if row.get("success") is True:
        return None
    return error_from(400, row.get("errors"), host=org.host)
