"""Who may do what: permission sets, their groups, assignments and contents."""

from apps.sandbox.schema.fields import (
    SObject,
    audited,
    choice,
    creatable_fields,
    flag,
    identity,
    moment,
    open_fields,
    reference,
    text,
    whole,
)

PERMISSIONS = (
    "ApiEnabled",
    "ApiUserOnly",
    "AssignPermissionSets",
    "AuthorApex",
    "BulkApiHardDelete",
    "CanApproveUninstalledApps",
    "CustomizeApplication",
    "EventLogReadAccess",
    "ExecutePromptTemplates",
    "ExportReport",
    "ManageRemoteAccess",
    "ManageUsers",
    "MCPMetadataApi",
    "ModifyAllData",
    "UseAnyApiAuth",
    "ViewAllData",
    "ViewAllFieldsGlobal",
    "ViewEventLogFiles",
    "ViewSetup",
)
FLAGS = tuple(flag(f"Permissions{name}") for name in PERMISSIONS)


PERMISSION_SET = SObject(
    name="PermissionSet",
    prefix="0PS",
    label="Permission Set",
    plural="Permission Sets",
    updateable=True,
    deletable=True,
    reading_needs="ViewSetup",
    writing_needs="ManageUsers",
    fields=(
        identity(),
        text("Name", 80, name_field=True),
        text("Label", 80),
        reference("LicenseId", "UserLicense"),
        reference("ProfileId", "Profile"),
        flag("IsOwnedByProfile"),
        flag("IsCustom"),
        *open_fields(*FLAGS),
        text("Description"),
        text("NamespacePrefix", 15),
        flag("HasActivationRequired"),
        reference("PermissionSetGroupId", "PermissionSetGroup"),
        text("Type", 40),
        whole("PsgCount"),
        *audited(),
    ),
)

PERMISSION_SET_GROUP = SObject(
    name="PermissionSetGroup",
    prefix="0PG",
    label="Permission Set Group",
    plural="Permission Set Groups",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        flag("IsDeleted"),
        text("DeveloperName", 80),
        text("Language", 40),
        text("MasterLabel", 80),
        text("NamespacePrefix", 15),
        text("Description"),
        text("Status", 40),
        flag("HasActivationRequired"),
        *audited(),
    ),
)

MUTING_PERMISSION_SET = SObject(
    name="MutingPermissionSet",
    prefix="0QM",
    label="Muting Permission Set",
    plural="Muting Permission Sets",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        flag("IsDeleted"),
        text("DeveloperName", 80, name_field=True),
        text("Language", 40),
        text("MasterLabel", 80),
        text("NamespacePrefix", 15),
        text("Description"),
        *FLAGS,
        *audited(),
    ),
)

PERMISSION_SET_GROUP_COMPONENT = SObject(
    name="PermissionSetGroupComponent",
    prefix="0PX",
    label="Permission Set Group Component",
    plural="Permission Set Group Components",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        flag("IsDeleted"),
        reference("PermissionSetGroupId", "PermissionSetGroup"),
        reference("PermissionSetId", "PermissionSet"),
        *audited(),
    ),
)

PERMISSION_SET_ASSIGNMENT = SObject(
    name="PermissionSetAssignment",
    prefix="0Pa",
    label="Permission Set Assignment",
    plural="Permission Set Assignments",
    createable=True,
    deletable=True,
    reading_needs="ViewSetup",
    writing_needs="AssignPermissionSets",
    fields=(
        identity(),
        *creatable_fields(
            reference("PermissionSetId", "PermissionSet"),
            reference("PermissionSetGroupId", "PermissionSetGroup"),
            reference("AssigneeId", "User", nillable=False),
            moment("ExpirationDate"),
        ),
        moment("SystemModstamp"),
        flag("IsActive"),
        flag("IsRevoked"),
    ),
)

OBJECT_PERMISSIONS = SObject(
    name="ObjectPermissions",
    prefix="110",
    label="Object Permissions",
    plural="Object Permissions",
    createable=True,
    updateable=True,
    deletable=True,
    reading_needs="ViewSetup",
    writing_needs="ManageUsers",
    fields=(
        identity(),
        *creatable_fields(
            reference("ParentId", "PermissionSet", relationship="Parent", nillable=False),
            choice("SobjectType", nillable=False),
        ),
        *open_fields(
            flag("PermissionsCreate"),
            flag("PermissionsRead"),
            flag("PermissionsEdit"),
            flag("PermissionsDelete"),
            flag("PermissionsViewAllRecords"),
            flag("PermissionsModifyAllRecords"),
            flag("PermissionsViewAllFields"),
        ),
        *audited(),
    ),
)

FIELD_PERMISSIONS = SObject(
    name="FieldPermissions",
    prefix="01k",
    label="Field Permissions",
    plural="Field Permissions",
    deletable=True,
    reading_needs="ViewSetup",
    writing_needs="ManageUsers",
    fields=(
        identity(),
        reference("ParentId", "PermissionSet", relationship="Parent"),
        choice("SobjectType"),
        choice("Field"),
        flag("PermissionsEdit"),
        flag("PermissionsRead"),
        moment("SystemModstamp"),
    ),
)

USER_PERMISSION_ACCESS = SObject(
    name="UserPermissionAccess",
    prefix="000",
    label="User Permission Access",
    plural="User Permission Access",
    fields=(identity(), *FLAGS),
)

GOVERNANCE = (
    PERMISSION_SET,
    MUTING_PERMISSION_SET,
    PERMISSION_SET_GROUP,
    PERMISSION_SET_GROUP_COMPONENT,
    PERMISSION_SET_ASSIGNMENT,
    OBJECT_PERMISSIONS,
    FIELD_PERMISSIONS,
    USER_PERMISSION_ACCESS,
)
