"""What a user may do: profile, permission sets and groups, object permissions."""

from collections.abc import Iterator

from apps.sandbox.org import Org, Record
from apps.sandbox.schema.fields import SObject

_MUTED_BY = "muted by"  # beside a group's set: its muting sets, which take objects away, too
_ACTIONS = {"read": "ViewAllData", "create": "ModifyAllData", "edit": "ModifyAllData"}


def permission_sets(org: Org, user_id: str) -> Iterator[Record]:
    """The sets in force for a user: assigned (the profile's own among them) or of groups."""
    for assignment in org.find("PermissionSetAssignment", AssigneeId=user_id):
        if assignment.get("IsRevoked"):
            continue
        group_id = assignment.get("PermissionSetGroupId")
        if group_id:
            yield from _group_sets(org, group_id)
        elif found := org.record("PermissionSet", assignment["PermissionSetId"]):
            yield found


def _group_sets(org: Org, group_id: str) -> Iterator[Record]:
    """A group's sets without what its muting set takes away; its members name both kinds."""
    members = org.find("PermissionSetGroupComponent", PermissionSetGroupId=group_id)
    ids = [member["PermissionSetId"] for member in members]
    muting = [found for each in ids if (found := org.record("MutingPermissionSet", each))]
    muted = {flag: False for each in muting for flag in each if each[flag] is True}
    for each in ids:
        if found := org.record("PermissionSet", each):
            yield found | muted | {_MUTED_BY: [one["Id"] for one in muting]}


def has_permission(org: Org, user_id: str, permission: str) -> bool:
    """Whether the profile or any permission set in force grants a user permission."""
    flag = f"Permissions{permission}"
    return any(each.get(flag) for each in permission_sets(org, user_id))


def may_touch(org: Org, user_id: str, sobject: SObject, action: str) -> bool:
    """Whether the user may `read`, `create`, `edit` or `delete` records of this object."""
    if not sobject.by_object_permission:
        needed = sobject.reading_needs if action == "read" else sobject.writing_needs
        return needed is None or has_permission(org, user_id, needed)
    if has_permission(org, user_id, _ACTIONS.get(action, "ModifyAllData")):
        return True
    flag = f"Permissions{action.capitalize()}"
    rows = org.find("ObjectPermissions", SobjectType=sobject.name)
    giving = {row["ParentId"] for row in rows if row.get(flag)}
    return any(
        each["Id"] in giving and giving.isdisjoint(each.get(_MUTED_BY, ()))
        for each in permission_sets(org, user_id)
    )


def may_use_app(org: Org, user_id: str, app_id: str) -> bool:
    """Whether an administrator pre-approved the app for one of the user's permission sets."""
    sets = {each["Id"] for each in permission_sets(org, user_id)}
    rows = org.find("SetupEntityAccess", SetupEntityId=app_id)
    return any(row["ParentId"] in sets for row in rows)
