"""Which reader an element belongs to. What no reader knows is passed over."""

from collections.abc import Callable

from apps.posture.scan.context import Context
from apps.posture.scan.xmltree import Node, NotXML, parse

from . import connected, credentials, data, flows, people, settings, sharing, signing_in

Reader = Callable[[Node, str, Context], None]
READERS: dict[str, Reader] = {
    "NamedCredential": credentials.read_named_credential,
    "ExternalCredential": credentials.read_external_credential,
    "RemoteSiteSetting": credentials.read_remote_site,
    "CspTrustedSite": credentials.read_trusted_site,
    "ExternalServiceRegistration": credentials.read_external_service,
    "ConnectedApp": connected.read_connected_app,
    "ExtlClntAppOauthSettings": connected.read_client_app_scopes,
    "ExtlClntAppOauthConfigurablePolicies": connected.read_client_app_policies,
    "ExtlClntAppGlobalOauthSettings": connected.read_client_app_secret,
    "InstalledPackage": connected.read_package,
    "CustomObject": data.read_object,
    "CustomField": data.read_field,
    "CustomMetadata": data.read_custom_metadata,
    "CustomLabels": data.read_custom_labels,
    "Flow": flows.read_flow,
    "Workflow": flows.read_workflow,
    "ConnectedAppSettings": settings.read_connected_app_settings,
    "ExternalClientAppSettings": settings.read_client_app_settings,
    "SecuritySettings": settings.read_security_settings,
    "PermissionSet": people.read_permissions,
    "Profile": people.read_profile,
    "AuthProvider": signing_in.read_auth_provider,
    "SharingRules": sharing.read_sharing_rules,
}
# In metadata format some suffixes are also other things' names; their folder tells them apart.
FOLDERS = {"md": "customMetadata", "settings": "settings", "field": "fields"}
# Reading every file as XML to see its root would be slow; the suffix tells which may be ours.
SUFFIXES = frozenset({
    "namedCredential", "externalCredential", "remoteSite", "cspTrustedSite",
    "externalServiceRegistration", "connectedApp", "ecaOauth", "ecaOauthPlcy",
    "ecaOauthPlcyCnfg", "installedPackage", "object", "field", "md", "labels", "flow",
    "workflow", "settings", "permissionset", "profile", "authprovider", "sharingRules",
    "ecaGlblOauth",
})  # fmt: skip


def read_metadata(path: str, bytes_: bytes, context: Context) -> None:
    """Read a file of declarative metadata; one that is no XML is reported."""
    if not bytes_.strip():
        return
    try:
        root = parse(bytes_)
    except NotXML as error:
        context.report.could_not_read(path, str(error))
        return
    reader = READERS.get(root.tag)
    if reader is not None:
        reader(root, path, context)
