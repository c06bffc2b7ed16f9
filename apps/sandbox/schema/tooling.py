"""What the Tooling API tells of code and of the addresses that an org may reach."""

from apps.sandbox.schema.fields import (
    SObject,
    audited,
    choice,
    flag,
    identity,
    metadata,
    text,
    whole,
)

_SOURCES = ("Connect", "Font", "Frame", "Img", "Media", "Style")
_TRIGGERED = (
    "BeforeInsert",
    "AfterInsert",
    "BeforeUpdate",
    "AfterUpdate",
    "BeforeDelete",
    "AfterDelete",
    "AfterUndelete",
)
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
        text("ApiVersion", type="double", default=60.0),
        flag("IsValid"),
        whole("LengthWithoutComments"),
        *metadata(),
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
        text("TableEnumOrId", 40, type="picklist"),
        text("Body", 1_000_000, type="textarea"),
        _STATUS,
        text("ApiVersion", type="double", default=60.0),
        flag("IsValid"),
        *(flag(f"Usage{when}") for when in _TRIGGERED),
        *metadata(),
        *audited(),
    ),
)


def _visualforce(name: str, prefix: str, label: str) -> SObject:
    return SObject(
        name=name,
        prefix=prefix,
        label=label,
        plural=f"{label}s",
        reading_needs="ViewSetup",
        fields=(
            identity(),
            text("NamespacePrefix", 15),
            text("Name", 80, name_field=True),
            text("ApiVersion", type="double", default=60.0),
            text("MasterLabel", 80),
            text("Description"),
            choice("ControllerType", "0", "1", "2", "3"),
            text("ControllerKey"),
            text("Markup", 1_000_000, type="textarea"),
            *metadata(),
            *audited(),
        ),
    )


APEX_PAGE = _visualforce("ApexPage", "066", "Visualforce Page")
APEX_COMPONENT = _visualforce("ApexComponent", "099", "Visualforce Component")
REMOTE_PROXY = SObject(
    name="RemoteProxy",
    prefix="0rp",
    label="Remote Site",
    plural="Remote Sites",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        text("SiteName", 80, name_field=True),
        text("NamespacePrefix", 15),
        text("Description"),
        text("EndpointUrl"),
        flag("IsActive"),
        flag("DisableProtocolSecurity"),
        *metadata(),
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
        text("MasterLabel", 80),
        text("NamespacePrefix", 15),
        text("Description"),
        text("EndpointUrl"),
        choice("Context", "All", "LEX", "Communities", "VisualForce", default="All"),
        flag("IsActive"),
        *(flag(f"IsApplicableTo{kind}Src") for kind in _SOURCES),
        *metadata(),
        *audited(),
    ),
)
TOOLING = (APEX_CLASS, APEX_COMPONENT, APEX_PAGE, APEX_TRIGGER, REMOTE_PROXY, TRUSTED_SITE)
