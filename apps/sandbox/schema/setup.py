"""More of what the Tooling API and queries tell of an org's set-up.

Tooling API reference: WorkflowOutboundMessage, ExternalString, StaticResource,
InstalledSubscriberPackage, SubscriberPackage. A custom metadata type is an object like others.
"""

from apps.sandbox.schema.fields import (
    SObject,
    audited,
    flag,
    identity,
    metadata,
    moment,
    reference,
    text,
)

OUTBOUND_MESSAGE = SObject(
    name="WorkflowOutboundMessage",
    prefix="04k",
    label="Outbound Message",
    plural="Outbound Messages",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        text("Name", 80, name_field=True),
        text("NamespacePrefix", 15),
        text("EntityDefinitionId"),
        *metadata(),
        *audited(),
    ),
)
EXTERNAL_STRING = SObject(
    name="ExternalString",
    prefix="101",
    label="Custom Label",
    plural="Custom Labels",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        text("Name", 80, name_field=True),
        text("NamespacePrefix", 15),
        text("MasterLabel", 80),
        text("Value", 1_000, type="textarea"),
        text("Language", 10),
        flag("IsProtected"),
        *audited(),
    ),
)
STATIC_RESOURCE = SObject(
    name="StaticResource",
    prefix="081",
    label="Static Resource",
    plural="Static Resources",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("Name", 80, name_field=True),
        text("NamespacePrefix", 15),
        text("ContentType", 120),
        text("CacheControl", 40),
        *metadata(),
        *audited(),
    ),
)
SUBSCRIBER_PACKAGE = SObject(
    name="SubscriberPackage",
    prefix="033",
    label="Package",
    plural="Packages",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(identity(), text("Name", 80, name_field=True), text("NamespacePrefix", 15)),
)
INSTALLED_PACKAGE = SObject(
    name="InstalledSubscriberPackage",
    prefix="0A3",
    label="Installed Package",
    plural="Installed Packages",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(identity(), reference("SubscriberPackageId", "SubscriberPackage")),
)
APP_SETTINGS = SObject(
    name="ConnectedAppSettings",
    prefix="0Z1",
    label="Connected App Settings",
    plural="Connected App Settings",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(identity(), *metadata()),
)
SECURITY_SETTINGS = SObject(
    name="SecuritySettings",
    prefix="0Z2",
    label="Security Settings",
    plural="Security Settings",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(identity(), *metadata()),
)
AUTH_PROVIDER = SObject(
    name="AuthProvider",
    prefix="0SO",
    label="Auth. Provider",
    plural="Auth. Providers",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("DeveloperName", 32, name_field=True),
        text("FriendlyName", 32),
        text("ProviderType", 40),
        text("ConsumerKey", 256),
        text("AuthorizeUrl", type="url"),
        text("TokenUrl", type="url"),
        text("UserInfoUrl", type="url"),
        text("LogoutUrl", type="url"),
        moment("CreatedDate"),
    ),
)
ENRICHMENT = SObject(
    name="Enrichment__mdt",
    prefix="m00",
    label="Enrichment",
    plural="Enrichments",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("DeveloperName", 40, name_field=True),
        text("MasterLabel", 40),
        text("NamespacePrefix", 15),
        text("Base_Url__c", type="url"),
        text("Api_Key__c"),
        flag("Is_Active__c"),
    ),
)
SETUP = (
    APP_SETTINGS,
    AUTH_PROVIDER,
    ENRICHMENT,
    EXTERNAL_STRING,
    INSTALLED_PACKAGE,
    OUTBOUND_MESSAGE,
    SECURITY_SETTINGS,
    STATIC_RESOURCE,
    SUBSCRIBER_PACKAGE,
)
