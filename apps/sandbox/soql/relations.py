"""The names under which a parent's query reaches its child records."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ChildRelationship:
    parent: str
    name: str
    child: str
    field: str


CHILDREN = (
    ChildRelationship("Account", "Contacts", "Contact", "AccountId"),
    ChildRelationship("Account", "Cases", "Case", "AccountId"),
    ChildRelationship("Account", "ChildAccounts", "Account", "ParentId"),
    ChildRelationship("Contact", "Cases", "Case", "ContactId"),
    ChildRelationship("Case", "Cases", "Case", "ParentId"),
    ChildRelationship("Case", "ProcessInstances", "ProcessInstance", "TargetObjectId"),
    ChildRelationship("ProcessInstance", "Steps", "ProcessInstanceStep", "ProcessInstanceId"),
    ChildRelationship(
        "ProcessInstance", "Workitems", "ProcessInstanceWorkitem", "ProcessInstanceId"
    ),
    ChildRelationship("User", "PermissionSetAssignments", "PermissionSetAssignment", "AssigneeId"),
    ChildRelationship("PermissionSet", "Assignments", "PermissionSetAssignment", "PermissionSetId"),
    ChildRelationship("PermissionSet", "ObjectPerms", "ObjectPermissions", "ParentId"),
    ChildRelationship("PermissionSet", "FieldPerms", "FieldPermissions", "ParentId"),
    ChildRelationship("PermissionSet", "SetupEntityAccessItems", "SetupEntityAccess", "ParentId"),
    ChildRelationship(
        "PermissionSetGroup",
        "PermissionSetGroupComponents",
        "PermissionSetGroupComponent",
        "PermissionSetGroupId",
    ),
)
_BY_NAME = {(each.parent.lower(), each.name.lower()): each for each in CHILDREN}


def child_relationship(parent: str, name: str) -> ChildRelationship | None:
    return _BY_NAME.get((parent.lower(), name.lower()))
