"""Who may do what, and who signs people in: permission sets, profiles, auth. providers, guests.

Object reference: PermissionSet, Profile, AuthProvider, User; Tooling API reference: Profile, which
alone tells login IP ranges. Its full definition is asked for where a profile gives far-reaching
permissions or is a guest's.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from apps.crm.client.soql import quoted
from apps.crm.session import Org
from apps.posture.scan.metadata.people import DANGEROUS
from apps.posture.scan.sources import SourceFile

from .asking import OWN, Bearing, Part, Record, plain, select, xml_file

_RULES = "sharingRules/*.sharingRules"
_ENDPOINTS = {
    "tokenUrl": "TokenUrl",
    "userInfoUrl": "UserInfoUrl",
    "authorizeUrl": "AuthorizeUrl",
    "idTokenIssuer": "IdTokenIssuer",
    "logoutUrl": "LogoutUrl",
}  # never the consumer secret
_TOLD = ("custom", "userLicense", "loginIpRanges", "userPermissions", "objectPermissions")


def _flags(org: Org, kind: str) -> list[str]:
    known = org.fields_of(kind)
    return [name for name in DANGEROUS if f"Permissions{name}" in known]


def _permissions(org: Org) -> Iterator[SourceFile]:
    """Permission sets of people's own making: a profile's and a group's are made of others."""
    flags = _flags(org, "PermissionSet")
    columns = ("Name", *(f"Permissions{name}" for name in flags))
    own = f"IsOwnedByProfile = false AND Type != 'Group' AND {OWN}"
    for record in org.query(select("PermissionSet", *columns, where=own)):
        held = [
            ("userPermissions", {"enabled": True, "name": name})
            for name in flags
            if record.get(f"Permissions{name}")
        ]
        path = f"permissionsets/{plain(record['Name'])}.permissionset"
        yield xml_file(path, "PermissionSet", held)


def _profiles(org: Org) -> Iterator[SourceFile]:
    flags = _flags(org, "Profile")
    columns = ("Id", "Name", "UserLicense.Name", *(f"Permissions{name}" for name in flags))
    bearing = Bearing()
    for record in list(org.query(select("Profile", *columns, where=""))):
        licence = str((record.get("UserLicense") or {}).get("Name"))
        if "guest" in licence.lower() or any(record.get(f"Permissions{name}") for name in flags):
            path = f"profiles/{plain(record['Name'])}.profile"
            yield bearing.read(path, partial(_profile, org, record, path, licence))


def _profile(org: Org, record: Record, path: str, licence: str) -> SourceFile:
    chosen = f"Id = {quoted(str(record['Id']))}"
    found = next(org.tooling_query(select("Profile", "Metadata", where=chosen)), {})
    told: Any = found.get("Metadata")
    if not isinstance(told, dict) or "loginIpRanges" not in told:
        return SourceFile(path, None, "the org does not tell where its people may sign in")
    held = {tag: told[tag] for tag in _TOLD if tag in told}
    return xml_file(path, "Profile", {"userLicense": licence, **held})


def _providers(org: Org) -> Iterator[SourceFile]:
    known = org.fields_of("AuthProvider")
    asked = {tag: field for tag, field in _ENDPOINTS.items() if field in known}
    for record in org.query(select("AuthProvider", "DeveloperName", *asked.values(), where="")):
        held = {tag: record.get(field) for tag, field in asked.items()}
        path = f"authproviders/{plain(record['DeveloperName'])}.authprovider"
        yield xml_file(path, "AuthProvider", held)


def _shared_with_guests(org: Org) -> Iterator[SourceFile]:
    """Rules that share records cannot be queried; without a guest there is nobody they are for."""
    guests = select("User", "Id", where="UserType = 'Guest' AND IsActive = true")
    if next(iter(org.query(guests)), None) is not None:
        why = "guests are active, and only retrieved metadata tells what is shared with them"
        yield SourceFile(_RULES, None, why)


PARTS = (
    Part("permissionsets/*.permissionset", _permissions),
    Part("profiles/*.profile", _profiles),
    Part("authproviders/*.authprovider", _providers),
    Part(_RULES, _shared_with_guests),
)
