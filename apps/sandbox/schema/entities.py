"""The schema as records: objects and fields with what administrators said of their data.

Tooling API reference: EntityDefinition, EntityParticle, FieldDefinition, CustomObject, CustomField.
"""

from apps.sandbox.schema.fields import (
    Field,
    SObject,
    audited,
    choice,
    flag,
    identity,
    metadata,
    moment,
    text,
    whole,
)

CLASSIFICATIONS = ("Public", "Internal", "Confidential", "Restricted", "MissionCritical")


def _entity() -> Field:
    """A durable id, which is text and not an id."""
    return Field(
        name="EntityDefinitionId",
        type="string",
        length=255,
        refers_to="EntityDefinition",
        relationship="EntityDefinition",
    )


ENTITY_DEFINITION = SObject(
    name="EntityDefinition",
    prefix="4ie",
    label="Entity Definition",
    plural="Entity Definitions",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("DurableId"),
        text("DeveloperName", 80, name_field=True),
        text("QualifiedApiName", 70),
        text("NamespacePrefix", 15),
        text("Label", 80),
        text("MasterLabel", 80),
        text("PluralLabel", 80),
        text("KeyPrefix", 3),
        choice("InternalSharingModel", "Private", "Read", "ReadWrite", "ControlledByParent"),
        choice("ExternalSharingModel", "Private", "Read", "ReadWrite", "ControlledByParent"),
        flag("IsCustomizable"),
        flag("IsCustomSetting"),
        flag("IsQueryable"),
        flag("IsApexTriggerable"),
        moment("LastModifiedDate"),
        *metadata(),
    ),
)
FIELD_DEFINITION = SObject(
    name="FieldDefinition",
    prefix="4fe",
    label="Field Definition",
    plural="Field Definitions",
    reading_needs="ViewSetup",
    filtered_by=("EntityDefinitionId", "DurableId"),
    fields=(
        identity(),
        text("DurableId"),
        _entity(),
        text("DeveloperName", 80, name_field=True),
        text("QualifiedApiName", 70),
        text("NamespacePrefix", 15),
        text("Label", 80),
        text("MasterLabel", 80),
        text("DataType", 60),
        text("Description"),
        whole("Length"),
        choice("SecurityClassification", *CLASSIFICATIONS),
        choice("ComplianceGroup", "CCPA", "COPPA", "GDPR", "HIPAA", "PCI", type="multipicklist"),
        choice("BusinessStatus", "Active", "DeprecateCandidate", "Hidden"),
        text("BusinessOwnerId", 18, type="reference"),
        flag("IsCalculated"),
        flag("IsNillable"),
        flag("IsIndexed"),
        flag("IsFieldHistoryTracked"),
        moment("LastModifiedDate"),
        *metadata(),
    ),
)
ENTITY_PARTICLE = SObject(
    name="EntityParticle",
    prefix="4ip",
    label="Entity Particle",
    plural="Entity Particles",
    reading_needs="ViewSetup",
    filtered_by=("EntityDefinitionId", "FieldDefinitionId", "DurableId"),
    fields=(
        identity(),
        text("DurableId"),
        _entity(),
        text("FieldDefinitionId"),
        text("DeveloperName", 80, name_field=True),
        text("QualifiedApiName", 70),
        text("Name", 80),
        text("NamespacePrefix", 15),
        text("Label", 80),
        text("MasterLabel", 80),
        text("DataType", 60),
        whole("Length"),
        flag("IsAutonumber"),
        flag("IsCalculated"),
        flag("IsCreatable"),
        flag("IsEncrypted"),
        flag("IsIdLookup"),
        flag("IsNameField"),
        flag("IsNillable"),
        flag("IsPermissionable"),
        flag("IsUpdatable"),
    ),
)
CUSTOM_OBJECT = SObject(
    name="CustomObject",
    prefix="01I",
    label="Custom Object",
    plural="Custom Objects",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("NamespacePrefix", 15),
        text("Description"),
        choice("SharingModel", "Edit", "Read", "None"),
        *metadata(),
        *audited(),
    ),
)
CUSTOM_FIELD = SObject(
    name="CustomField",
    prefix="00N",
    label="Custom Field",
    plural="Custom Fields",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("NamespacePrefix", 15),
        text("TableEnumOrId", 40, type="picklist"),
        _entity(),
        text("Description"),
        whole("Length"),
        *metadata(),
        *audited(),
    ),
)
ENTITIES = (CUSTOM_FIELD, CUSTOM_OBJECT, ENTITY_DEFINITION, ENTITY_PARTICLE, FIELD_DEFINITION)
