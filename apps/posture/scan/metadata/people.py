"""Profiles and permission sets: power over all data or apps, sign-in from anywhere, guests.

Metadata API: meta_profile.htm, meta_permissionset.htm. In source format a profile holds what was
retrieved with it, so what it lacks is said of the file.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.rules import Level
from apps.posture.scan.xmltree import Node

from .ranges import width_of

DANGEROUS: dict[str, str] = {
    "ModifyAllData": "Modify All Data",
    "ViewAllData": "View All Data",
    "ViewAllFieldsGlobal": "View All Fields",
    "UseAnyApiAuth": "Use Any API Client",
    "UseAnyApiClient": "Use Any API Client",
    "CanApproveUninstalledApps": "Approve Uninstalled Connected Apps",
    "ManageRemoteAccess": "Manage Connected Apps",
    "ManageAuthProviders": "Manage Auth. Providers",
    "AuthorApex": "Author Apex",
    "ModifyMetadata": "Modify Metadata",
    "CustomizeApplication": "Customize Application",
    "ManageUsers": "Manage Users",
    "ManageProfilesPermissionsets": "Manage Profiles and Permission Sets",
    "BulkApiHardDelete": "Bulk API Hard Delete",
    "DataExport": "Weekly Data Export",
    "PasswordNeverExpires": "Password Never Expires",
}
_GUEST = "guest"
_MORE_THAN_READING = {
    "allowEdit": "change",
    "allowDelete": "delete",
    "viewAllRecords": "see all of",
    "modifyAllRecords": "change all of",
}


def read_permissions(root: Node, path: str, context: Context) -> None:
    """Dangerous permissions of a permission set."""
    _read_dangerous(root, path, context, f"Permission set {_name(path)}", "warning")


def read_profile(root: Node, path: str, context: Context) -> None:
    """Dangerous permissions of a profile, where its people may sign in, what guests may do."""
    source = f"Profile {_name(path)}"
    if _GUEST in root.value("userLicense").lower():
        _read_guest(root, path, context, source)
    # What a standard profile gives cannot be taken away from it; who has it can be watched.
    weight: Level = "note" if root.value("custom").lower() == "false" else "warning"
    held = _read_dangerous(root, path, context, source, weight)
    ranges = root.all("loginIpRanges")
    for each in ranges:
        if width_of(each.value("startAddress"), each.value("endAddress")) == "all":
            said = f"{source} lets its people sign in from every address."
            context.report.add("profile-no-ip-limit", Place(path, each.line, each.column), said)
    if held is not None and not ranges:
        node, words = held
        said = f"{source} gives {words} and names no login IP ranges."
        place = Place(path, node.line, node.column)
        context.report.add("profile-no-ip-limit", place, said, raised=weight)


def _read_dangerous(
    root: Node, path: str, context: Context, source: str, weight: Level
) -> tuple[Node, str] | None:
    """Report each; the first of them, with its words."""
    first: tuple[Node, str] | None = None
    for permission in _enabled(root):
        words = DANGEROUS.get(permission.value("name"))
        if words:
            said = f"{source} gives {words}."
            place = Place(path, permission.line, permission.column)
            context.report.add("dangerous-permission", place, said, subject=words, raised=weight)
            first = first or (permission, words)
    return first


def _read_guest(root: Node, path: str, context: Context, source: str) -> None:
    """A guest's profile: calls to the API, and more than reading."""
    for permission in _enabled(root):
        if permission.value("name") == "ApiEnabled":
            said = f"{source} lets guests call the API."
            place = Place(path, permission.line, permission.column)
            context.report.add("guest-access", place, said, subject="API", raised="error")
    for rights in root.all("objectPermissions"):
        thing = rights.value("object")
        given = [
            words
            for tag, words in _MORE_THAN_READING.items()
            if rights.value(tag).lower() == "true"
        ]
        if given:
            said = f"{source} lets guests {' and '.join(given)} {thing}."
            place = Place(path, rights.line, rights.column)
            context.report.add("guest-access", place, said, subject=thing)


def _enabled(root: Node) -> Iterator[Node]:
    for permission in root.all("userPermissions"):
        if permission.value("enabled").lower() == "true":
            yield permission


def _name(path: str) -> str:
    """Of `Admin.profile-meta.xml`, `Admin`; percent-encoded dots stay as they are."""
    return PurePosixPath(path).name.removesuffix("-meta.xml").rpartition(".")[0]
