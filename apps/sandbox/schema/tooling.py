"""What the Tooling API tells of code and of the addresses that an org may reach."""

from apps.sandbox.schema.fields import SObject, audited, choice, flag, identity, text

_STATUS = choice("Status", "Active", "Inactive", "Deleted")

APEX_CLASS = SObject(
    name="ApexClass",
    prefix="01p",
    label="Apex Class",
    plural="Apex Classes",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("NamespacePrefix", 15),
        text("Name", name_field=True),
        text("Body", 1_000_000, type="textarea"),
        _STATUS,
        *audited(),
    ),
)
APEX_TRIGGER = SObject(
    name="ApexTrigger",
    prefix="01q",
    label="Apex Trigger",
    plural="Apex Triggers",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("NamespacePrefix", 15),
        text("Name", name_field=True),
        text("Body", 1_000_000, type="textarea"),
        _STATUS,
        *audited(),
    ),
)
REMOTE_PROXY = SObject(
    name="RemoteProxy",
    prefix="0rp",
    label="Remote Site",
    plural="Remote Sites",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("SiteName", 80, name_field=True),
        text("EndpointUrl"),
        flag("IsActive"),
        flag("DisableProtocolSecurity"),
        *audited(),
    ),
)
TRUSTED_SITE = SObject(
    name="CspTrustedSite",
    prefix="08y",
    label="Trusted URL",
    plural="Trusted URLs",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("EndpointUrl"),
        flag("IsActive"),
        flag("IsApplicableToConnectSrc"),
        *audited(),
    ),
)
NAMED_CREDENTIAL = SObject(
    name="NamedCredential",
    prefix="0XA",
    label="Named Credential",
    plural="Named Credentials",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("Endpoint"),
        text("PrincipalType", 40),
        *audited(),
    ),
)
TOOLING = (APEX_CLASS, APEX_TRIGGER, REMOTE_PROXY, TRUSTED_SITE, NAMED_CREDENTIAL)
