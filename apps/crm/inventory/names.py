"""The platform's flags in the words that people and the rest of the console use.

External client apps keep each OAuth scope as a flag of `ExtlClntAppOauthSettings`; most flags are
the scope in capitals, a few are not.
https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_tokens_scopes.htm
"""

from collections.abc import Collection, Mapping
from typing import Any

SCOPE_FLAG = "OauthScopes"
_OTHERWISE_NAMED = {
    "CHATTER_REST_API": "chatter_api",
    "ECLAIR_REST_API": "eclair_api",
    "WAVE_REST_API": "wave_api",
    "SSO": "id",
    "VF": "visualforce",
}

PERMISSION_FLAG = "Permissions"
# Permissions that reach beyond the records and objects that someone was given.
DANGEROUS: dict[str, str] = {
    "ModifyAllData": "Modify All Data",
    "ViewAllData": "View All Data",
    "ViewAllFieldsGlobal": "View All Fields (Global)",
    "ManageUsers": "Manage Users",
    "AssignPermissionSets": "Assign Permission Sets",
    "CustomizeApplication": "Customize Application",
    "AuthorApex": "Author Apex",
    "ManageRemoteAccess": "Manage Connected Apps",
    "CanApproveUninstalledApps": "Approve Uninstalled Connected Apps",
    "UseAnyApiAuth": "Use Any API Client",
    "BulkApiHardDelete": "Bulk API Hard Delete",
    "ExportReport": "Export Reports",
    "MCPMetadataApi": "MCP Metadata API",
}


def scope_flags(fields: Collection[str]) -> list[str]:
    """The scope flags among an object's fields, in order."""
    return sorted(name for name in fields if name.startswith(SCOPE_FLAG))


def scopes_of(record: Mapping[str, Any], flags: list[str]) -> list[str]:
    """The scopes whose flags are set, sorted."""
    return sorted(_scope(flag) for flag in flags if record.get(flag) is True)


def dangerous_flags(fields: Collection[str]) -> list[str]:
    """The fields of dangerous permissions that this org knows."""
    names = (f"{PERMISSION_FLAG}{name}" for name in DANGEROUS)
    return [name for name in names if name in fields]


def dangerous_in(record: Mapping[str, Any], flags: list[str]) -> list[str]:
    """The names of the dangerous permissions that a permission set has."""
    held = (flag for flag in flags if record.get(flag) is True)
    return [DANGEROUS[flag.removeprefix(PERMISSION_FLAG)] for flag in held]


def _scope(flag: str) -> str:
    name = flag.removeprefix(SCOPE_FLAG)
    return _OTHERWISE_NAMED.get(name, name.lower())
