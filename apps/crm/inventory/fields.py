"""Fields of some objects: how they are classified, and whether they are encrypted.

Object reference: EntityDefinition, FieldDefinition (SecurityClassification, ComplianceGroup), which
has to be filtered by object and answers one page only. Whether a field is encrypted stands in the
describe call, which tells only fields that the console's user may see.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from apps.crm import errors
from apps.crm.client.org import READ
from apps.crm.client.soql import checked_name, quoted
from apps.crm.inventory.packed import Record
from apps.crm.session import Org

OBJECTS_PER_QUERY = 10
NO_OBJECT = "The org knows no such object."
COLUMNS = (
    "QualifiedApiName",
    "SecurityClassification",
    "ComplianceGroup",
    "EntityDefinition.QualifiedApiName",
)


def read_fields(org: Org, objects: Sequence[str]) -> tuple[list[Record], dict[str, str]]:
    """The fields of those objects that the org tells, and why it does not tell the others.

    Raises `CrmError` where it tells of none.
    """
    if not objects:
        return [], {}
    ids = _durable_ids(org, objects)
    known = {name.casefold() for name in ids}  # names compare without case
    unread = {name: NO_OBJECT for name in objects if name.casefold() not in known}
    found: list[Record] = []
    told = list(ids)
    for start in range(0, len(told), OBJECTS_PER_QUERY):
        chosen = [ids[name] for name in told[start : start + OBJECTS_PER_QUERY]]
        found += [_kept(row) for row in defined_fields(org, chosen, COLUMNS)]
    for name in told:
        try:
            _add_encryption([row for row in found if row["object"] == name], described(org, name))
        except (errors.RecordMissing, errors.AccessRefused) as error:
            unread[name] = error.message
    return found, unread


def defined_fields(org: Org, ids: list[str], columns: Sequence[str]) -> list[Record]:
    """The fields of some objects; asked for in halves when they are too many for one page."""
    chosen = ", ".join(map(quoted, ids))
    query = (
        f"SELECT {', '.join(columns)} FROM FieldDefinition WHERE EntityDefinitionId IN ({chosen})"  # noqa: S608
    )
    try:
        return list(org.query(query))
    except (errors.QueryRefused, errors.ValidationRefused):
        if len(ids) == 1:
            raise
    half = len(ids) // 2
    return defined_fields(org, ids[:half], columns) + defined_fields(org, ids[half:], columns)


def described(org: Org, name: str) -> list[Record]:
    """The fields of an object as its describe call tells them."""
    told = org.ask("GET", f"sobjects/{checked_name(name)}/describe", READ)
    return list((told or {}).get("fields", []))


def _durable_ids(org: Org, objects: Iterable[str]) -> dict[str, str]:
    named = ", ".join(quoted(checked_name(each)) for each in objects)
    query = f"SELECT DurableId, QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName IN ({named})"  # noqa: E501, S608
    return {str(row["QualifiedApiName"]): str(row["DurableId"]) for row in org.query(query)}


def _kept(row: Record) -> Record:
    return {
        "object": str((row.get("EntityDefinition") or {}).get("QualifiedApiName") or ""),
        "field": str(row["QualifiedApiName"]),
        "classification": str(row.get("SecurityClassification") or ""),
        "compliance": str(row.get("ComplianceGroup") or ""),
        "encrypted": None,
        "calculated": False,
    }


def _add_encryption(rows: list[Record], told: list[dict[str, Any]]) -> None:
    seen = {str(each.get("name")): each for each in told}
    for row in rows:
        if found := seen.get(row["field"]):
            row["encrypted"] = bool(found.get("encrypted"))
            row["calculated"] = bool(found.get("calculated"))
