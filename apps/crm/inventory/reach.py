"""Which objects and fields permission sets give, by the ids of the sets.

Object reference: ObjectPermissions, FieldPermissions. A field that everyone may see (required,
system) has no FieldPermissions record, so what is listed is the least that is given.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from apps.crm.client.soql import checked_name, quoted
from apps.crm.inventory.reading import IDS_PER_QUERY
from apps.crm.session import Org

LETTERS = {
    "PermissionsCreate": "C",
    "PermissionsRead": "R",
    "PermissionsEdit": "E",
    "PermissionsDelete": "D",
    "PermissionsViewAllRecords": "V",
    "PermissionsModifyAllRecords": "M",
}
Given = dict[str, dict[str, str]]


def objects_of(org: Org, set_ids: list[str]) -> Given:
    """Letters by object, by set. Raises `CrmError`."""
    fields = f"ParentId, SobjectType, {', '.join(LETTERS)}"
    given: Given = {each: {} for each in set_ids}
    for chosen in _portions(set_ids):
        query = f"SELECT {fields} FROM ObjectPermissions WHERE ParentId IN ({chosen})"  # noqa: S608
        for row in org.query(query):
            held = given.setdefault(str(row["ParentId"]), {})
            held[str(row["SobjectType"])] = _letters(row)
    return given


def fields_of(org: Org, set_ids: list[str], objects: list[str]) -> Given:
    """R or RE by `Object.Field`, by set, for some objects. Raises `CrmError`."""
    given: Given = {each: {} for each in set_ids}
    if not objects:
        return given
    named = ", ".join(quoted(checked_name(each)) for each in objects)
    for chosen in _portions(set_ids):
        query = (
            "SELECT ParentId, Field, PermissionsRead, PermissionsEdit FROM FieldPermissions"  # noqa: S608
            f" WHERE ParentId IN ({chosen}) AND SobjectType IN ({named})"
        )
        for row in org.query(query):
            letters = "RE" if row.get("PermissionsEdit") else "R"
            given.setdefault(str(row["ParentId"]), {})[str(row["Field"])] = letters
    return given


def _letters(row: Mapping[str, Any]) -> str:
    return "".join(letter for flag, letter in LETTERS.items() if row.get(flag) is True)


def _portions(ids: list[str]) -> Iterator[str]:
    for start in range(0, len(ids), IDS_PER_QUERY):
        yield ", ".join(quoted(each) for each in ids[start : start + IDS_PER_QUERY])
