"""Which objects and fields permission sets give, by the ids of the sets.

Object reference: ObjectPermissions, FieldPermissions. A field that everyone may see (required,
system) has no FieldPermissions record, so what is listed is the least that is given.
"""

from collections.abc import Mapping
from typing import Any

from apps.crm.client.soql import checked_name, quoted
from apps.crm.errors import CrmError
from apps.crm.inventory.packed import Rows
from apps.crm.inventory.volume import Wanted, read_chosen
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
    """Letters by object, by set. Raises `CrmError`, also where the org lists fewer than it has."""
    wanted = Wanted("ObjectPermissions", ("ParentId", "SobjectType", *LETTERS))
    given: Given = {each: {} for each in set_ids}
    for row in _all(org, wanted, set_ids):
        given.setdefault(str(row["ParentId"]), {})[str(row["SobjectType"])] = _letters(row)
    return given


def fields_of(org: Org, set_ids: list[str], objects: list[str]) -> Given:
    """R or RE by `Object.Field`, by set, for some objects. Raises as `objects_of` does."""
    given: Given = {each: {} for each in set_ids}
    if not objects:
        return given
    named = ", ".join(quoted(checked_name(each)) for each in objects)
    columns = ("ParentId", "Field", "PermissionsRead", "PermissionsEdit")
    for row in _all(org, Wanted("FieldPermissions", columns, f"SobjectType IN ({named})"), set_ids):
        letters = "RE" if row.get("PermissionsEdit") else "R"
        given.setdefault(str(row["ParentId"]), {})[str(row["Field"])] = letters
    return given


def _all(org: Org, wanted: Wanted, set_ids: list[str]) -> Rows:
    found = read_chosen(org, wanted, key="ParentId", ids=set_ids)
    if len(found.rows) != found.expected:
        raise CrmError(f"The org counts {found.expected:,}, but listed {len(found.rows):,}.")
    return found.rows


def _letters(row: Mapping[str, Any]) -> str:
    return "".join(letter for flag, letter in LETTERS.items() if row.get(flag) is True)
