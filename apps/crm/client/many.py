"""Up to 200 records by one request, each with its own outcome.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.crm import errors
from apps.crm.client.answers import error_from
from apps.crm.client.org import CHANGE, CREATE, Org
from apps.crm.client.soql import checked_id, checked_name

AT_MOST = 200
ROUNDS = 3  # records that someone held locked are tried again by themselves
_PATH = "composite/sobjects"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record, in the order they were given. `error` is None when it was done."""

    record_id: str
    error: errors.CrmError | None


def create(org: Org, object_name: str, rows: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    """Create records. Never sent twice: a lost answer raises with `outcome_unknown` set."""
    name, outcomes = checked_name(object_name), list[Outcome]()
    for part in _parts(rows):
        records = [{"attributes": {"type": name}, **row} for row in part]
        told = org.ask("POST", _PATH, CREATE, body={"allOrNone": False, "records": records})
        outcomes += _outcomes(org, told, part)
    return outcomes


def change(org: Org, object_name: str, rows: Mapping[str, Mapping[str, Any]]) -> list[Outcome]:
    """Change fields of records by their ids; those that were locked are tried again."""
    name = checked_name(object_name)
    found: dict[str, Outcome] = {}
    waiting = {checked_id(record_id): dict(values) for record_id, values in rows.items()}
    for _ in range(ROUNDS):
        for part in _parts(list(waiting.items())):
            records = [
                {"attributes": {"type": name}, **values, "id": record_id}
                for record_id, values in part
            ]
            told = org.ask("PATCH", _PATH, CHANGE, body={"allOrNone": False, "records": records})
            for (record_id, _values), each in zip(part, _outcomes(org, told, part), strict=True):
                found[record_id] = Outcome(record_id, each.error)
        locked = {key for key in waiting if isinstance(found[key].error, errors.RowLocked)}
        waiting = {key: waiting[key] for key in waiting if key in locked}
        if not waiting:
            break
    return [found[record_id] for record_id in rows]


def delete(org: Org, record_ids: Sequence[str]) -> list[Outcome]:
    """Delete records by their ids. Deleting twice finds nothing the second time."""
    outcomes: list[Outcome] = []
    for part in _parts([checked_id(each) for each in record_ids]):
        wanted = {"ids": ",".join(part), "allOrNone": "false"}
        told = org.ask("DELETE", _PATH, CHANGE, params=wanted)
        answered = _outcomes(org, told, part)
        outcomes += [Outcome(key, each.error) for key, each in zip(part, answered, strict=True)]
    return outcomes


def _parts(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[start : start + AT_MOST] for start in range(0, len(rows), AT_MOST)]


def _outcomes(org: Org, told: Any, asked: Sequence[Any]) -> list[Outcome]:
    if not isinstance(told, list) or len(told) != len(asked):
        unsure = errors.NotJson(f"{org.host} did not answer for every record.")
        unsure.outcome_unknown = True
        raise unsure
    return [_outcome(org, each) for each in told]


def _outcome(org: Org, told: Any) -> Outcome:
    row = told if isinstance(told, dict) else {}
    if row.get("success") is True:
        return Outcome(str(row.get("id") or ""), None)
    return Outcome(str(row.get("id") or ""), error_from(400, row.get("errors"), host=org.host))
