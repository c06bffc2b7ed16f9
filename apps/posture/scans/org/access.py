"""Which apps may come in, and how far: apps, their policies, packages, settings of the org.

Object reference: ConnectedApplication, ExtlClntAppOauthSettings and ExtlClntAppOauthPlcyCnfg.
Whether the Tooling API tells the `Metadata` of connected apps and of settings depends on the org;
one that refuses leaves them unknown.
"""

from collections.abc import Callable, Iterator

from apps.crm.inventory import names
from apps.crm.session import Org
from apps.posture.scan.sources import SourceFile

from .asking import Part, each_metadata, plain, select, xml_file

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
    columns = (
        _APP,
        "IpRelaxationPolicyType",
        "PermittedUsersPolicyType",
        "RefreshTokenPolicyType",
    )
    for record in org.query(select("ExtlClntAppOauthPlcyCnfg", *columns, where="")):
        name = (record.get("ExternalClientApplication") or {}).get("DeveloperName")
        held = {
            "externalClientApplication": name,
            "ipRelaxationPolicyType": record.get("IpRelaxationPolicyType"),
            "permittedUsersPolicyType": record.get("PermittedUsersPolicyType"),
            "refreshTokenPolicyType": record.get("RefreshTokenPolicyType"),
        }
        path = f"extlClntAppOauthPolicies/{plain(name)}.ecaOauthPlcy"
        yield xml_file(path, "ExtlClntAppOauthConfigurablePolicies", held)


def _packages(org: Org) -> Iterator[SourceFile]:
    packages = select("InstalledSubscriberPackage", "SubscriberPackage.Name", where="")
    for record in org.tooling_query(packages):
        name = (record.get("SubscriberPackage") or {}).get("Name")
        yield xml_file(f"installedPackages/{plain(name)}.installedPackage", "InstalledPackage", {})


def _settings(kind: str, path: str) -> Callable[[Org], Iterator[SourceFile]]:
    """Settings of which an org has one of each kind."""

    def read(org: Org) -> Iterator[SourceFile]:
        told = next(org.tooling_query(select(kind, "Metadata", where="")), {}).get("Metadata")
        if isinstance(told, dict):
            yield xml_file(path, kind, told)
        else:
            yield SourceFile(path, None, "the org does not tell its settings")

    return read


_APP_SETTINGS, _SECURITY = "settings/ConnectedApp.settings", "settings/Security.settings"
PARTS = (
    Part("connectedApps/*.connectedApp", _connected),
    Part("extlClntAppOauthSettings/*.ecaOauth", _client_scopes),
    Part("extlClntAppOauthPolicies/*.ecaOauthPlcy", _client_policies),
    Part("installedPackages/*.installedPackage", _packages),
    Part(_APP_SETTINGS, _settings("ConnectedAppSettings", _APP_SETTINGS)),
    Part(_SECURITY, _settings("SecuritySettings", _SECURITY)),
)
