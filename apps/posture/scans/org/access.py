"""Who may come in, and how far: apps, their policies, permission sets, packages, settings.

Object reference: ConnectedApplication, PermissionSet, ExtlClntAppOauthSettings and
ExtlClntAppOauthPlcyCnfg. Whether the Tooling API tells the `Metadata` of connected apps and of the
settings of connected apps depends on the org; one that refuses leaves them unknown.
"""

from collections.abc import Iterator

from apps.crm.inventory import names
from apps.crm.session import Org
from apps.posture.scan.metadata.settings import DANGEROUS
from apps.posture.scan.sources import SourceFile

from .asking import OWN, Part, each_metadata, plain, select, xml_file

_APP = "ExternalClientApplication.DeveloperName"


def _connected(org: Org) -> Iterator[SourceFile]:
    return each_metadata(
        org,
        "ConnectedApplication",
        listing=select("ConnectedApplication", "Id", "Name", where=""),
        root="ConnectedApp",
        path=lambda record: (
            f"connectedApps/{plain(record.get('FullName') or record['Name'])}.connectedApp"
        ),
        wrap=lambda record, told: {"label": record["Name"], **told},
    )


def _client_scopes(org: Org) -> Iterator[SourceFile]:
    flags = names.scope_flags(org.fields_of("ExtlClntAppOauthSettings"))
    for record in org.query(select("ExtlClntAppOauthSettings", _APP, *flags, where="")):
        name = (record.get("ExternalClientApplication") or {}).get("DeveloperName")
        held = {
            "externalClientApplication": name,
            "commaSeparatedOauthScopes": ",".join(names.scopes_of(record, flags)),
        }
        path = f"extlClntAppOauthSettings/{plain(name)}.ecaOauth"
        yield xml_file(path, "ExtlClntAppOauthSettings", held)


def _client_policies(org: Org) -> Iterator[SourceFile]:
    columns = (_APP, "IpRelaxationPolicyType", "RefreshTokenPolicyType")
    for record in org.query(select("ExtlClntAppOauthPlcyCnfg", *columns, where="")):
        name = (record.get("ExternalClientApplication") or {}).get("DeveloperName")
        held = {
            "externalClientApplication": name,
            "ipRelaxationPolicyType": record.get("IpRelaxationPolicyType"),
            "refreshTokenPolicyType": record.get("RefreshTokenPolicyType"),
        }
        path = f"extlClntAppOauthPolicies/{plain(name)}.ecaOauthPlcy"
        yield xml_file(path, "ExtlClntAppOauthConfigurablePolicies", held)


def _permissions(org: Org) -> Iterator[SourceFile]:
    """Permission sets of people's own making: a profile's and a group's are made of others."""
    known = org.fields_of("PermissionSet")
    flags = [name for name in DANGEROUS if f"Permissions{name}" in known]
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


def _packages(org: Org) -> Iterator[SourceFile]:
    packages = select("InstalledSubscriberPackage", "SubscriberPackage.Name", where="")
    for record in org.tooling_query(packages):
        name = (record.get("SubscriberPackage") or {}).get("Name")
        yield xml_file(f"installedPackages/{plain(name)}.installedPackage", "InstalledPackage", {})


def _app_settings(org: Org) -> Iterator[SourceFile]:
    path = "settings/ConnectedApp.settings"
    found = org.tooling_query(select("ConnectedAppSettings", "Metadata", where=""))
    told = next(found, {}).get("Metadata")
    if isinstance(told, dict):
        yield xml_file(path, "ConnectedAppSettings", told)
    else:
        yield SourceFile(path, None, "the org does not tell its settings")


PARTS = (
    Part("connectedApps/*.connectedApp", _connected),
    Part("extlClntAppOauthSettings/*.ecaOauth", _client_scopes),
    Part("extlClntAppOauthPolicies/*.ecaOauthPlcy", _client_policies),
    Part("permissionsets/*.permissionset", _permissions),
    Part("installedPackages/*.installedPackage", _packages),
    Part("settings/ConnectedApp.settings", _app_settings),
)
