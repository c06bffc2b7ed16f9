"""Settings of the org, and permissions that reach over all data or all apps.

Metadata API: meta_connectedappsettings.htm, meta_permissionset.htm.
"""

from pathlib import PurePosixPath

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.xmltree import Node

DANGEROUS: dict[str, str] = {
    "ModifyAllData": "Modify All Data",
    "ViewAllData": "View All Data",
    "ViewAllFieldsGlobal": "View All Fields",
    "UseAnyApiAuth": "Use Any API Client",
    "UseAnyApiClient": "Use Any API Client",
    "CanApproveUninstalledApps": "Approve Uninstalled Connected Apps",
    "ManageRemoteAccess": "Manage Connected Apps",
    "AuthorApex": "Author Apex",
    "CustomizeApplication": "Customize Application",
    "ManageUsers": "Manage Users",
    "BulkApiHardDelete": "Bulk API Hard Delete",
    "PasswordNeverExpires": "Password Never Expires",
}


def read_connected_app_settings(root: Node, path: str, context: Context) -> None:
    """API access control: whether only apps that an admin approved may be used."""
    for tag, who in (
        ("enableAdminApprovedAppsOnly", "Users"),
        ("enableAdminApprovedAppsOnlyForExternalUser", "External users"),
    ):
        found = root.find(tag)
        if found is not None and found.text.lower() == "false":
            said = f"{who} may authorise apps that no admin approved (`{tag}` is off)."
            context.report.add("api-access-open", Place(path, found.line, found.column), said)


def read_permissions(root: Node, path: str, context: Context) -> None:
    """Dangerous permissions of a permission set; a profile's are read in the org."""
    name = PurePosixPath(path).name.partition(".")[0]
    for permission in root.all("userPermissions"):
        words = DANGEROUS.get(permission.value("name"))
        if words and permission.value("enabled").lower() == "true":
            said = f"Permission set {name} gives {words}."
            place = Place(path, permission.line, permission.column)
            context.report.add("dangerous-permission", place, said, subject=words)
