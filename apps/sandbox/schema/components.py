"""Flows and Lightning components, as the Tooling API tells of them.

Tooling API reference: FlowDefinition, Flow, LightningComponentBundle, LightningComponentResource,
AuraDefinitionBundle, AuraDefinition.
"""

from apps.sandbox.schema.fields import (
    SObject,
    audited,
    choice,
    flag,
    identity,
    metadata,
    reference,
    text,
    whole,
)

FLOW_DEFINITION = SObject(
    name="FlowDefinition",
    prefix="300",
    label="Flow Definition",
    plural="Flow Definitions",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("NamespacePrefix", 15),
        text("MasterLabel", 80),
        text("Description"),
        reference("ActiveVersionId", "Flow"),
        reference("LatestVersionId", "Flow"),
        *metadata(),
        *audited(),
    ),
)
FLOW = SObject(
    name="Flow",
    prefix="301",
    label="Flow Version",
    plural="Flow Versions",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        reference("DefinitionId", "FlowDefinition"),
        text("MasterLabel", 80, name_field=True),
        text("Description"),
        text("ProcessType", 40),
        text("RunInMode", 40),
        choice("Status", "Active", "Draft", "Obsolete", "InvalidDraft"),
        whole("VersionNumber"),
        text("ApiVersion", type="double", default=60.0),
        *metadata(),
        *audited(),
    ),
)
LIGHTNING_BUNDLE = SObject(
    name="LightningComponentBundle",
    prefix="0Rb",
    label="Lightning Component Bundle",
    plural="Lightning Component Bundles",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("NamespacePrefix", 15),
        text("MasterLabel", 80),
        text("Description"),
        text("ApiVersion", type="double", default=60.0),
        flag("IsExposed"),
        text("TargetConfigs", 1_000_000, type="textarea"),
        *metadata(),
        *audited(),
    ),
)
LIGHTNING_RESOURCE = SObject(
    name="LightningComponentResource",
    prefix="0Rd",
    label="Lightning Component Resource",
    plural="Lightning Component Resources",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        reference("LightningComponentBundleId", "LightningComponentBundle"),
        text("FilePath", name_field=True),
        choice("Format", "js", "html", "css", "xml", "svg"),
        text("Source", 1_000_000, type="textarea"),
        *audited(),
    ),
)
AURA_BUNDLE = SObject(
    name="AuraDefinitionBundle",
    prefix="0Ab",
    label="Aura Component Bundle",
    plural="Aura Component Bundles",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("NamespacePrefix", 15),
        text("MasterLabel", 80),
        text("Description"),
        text("ApiVersion", type="double", default=60.0),
        *audited(),
    ),
)
AURA_DEFINITION = SObject(
    name="AuraDefinition",
    prefix="0Ad",
    label="Aura Component Definition",
    plural="Aura Component Definitions",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        reference("AuraDefinitionBundleId", "AuraDefinitionBundle"),
        choice("DefType", "COMPONENT", "CONTROLLER", "HELPER", "RENDERER", "STYLE", "APPLICATION"),
        choice("Format", "XML", "JS", "CSS"),
        text("Source", 1_000_000, type="textarea"),
        *audited(),
    ),
)
COMPONENTS = (
    AURA_BUNDLE,
    AURA_DEFINITION,
    FLOW,
    FLOW_DEFINITION,
    LIGHTNING_BUNDLE,
    LIGHTNING_RESOURCE,
)
