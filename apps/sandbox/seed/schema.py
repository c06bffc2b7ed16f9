"""The org's own schema as records, one for each object and each field of the business objects."""

from typing import Any

from apps.sandbox.org import Record
from apps.sandbox.schema.fields import Field, SObject
from apps.sandbox.schema.registry import SOBJECTS
from apps.sandbox.seed.build import Builder
from apps.sandbox.times import stamp

_TYPES = {
    "boolean": "Checkbox",
    "datetime": "Date/Time",
    "email": "Email",
    "int": "Number(9, 0)",
    "multipicklist": "Picklist (Multi-Select)",
    "phone": "Phone",
    "picklist": "Picklist",
    "url": "URL",
}
_METADATA_TYPES = {
    "boolean": "Checkbox",
    "datetime": "DateTime",
    "email": "Email",
    "int": "Number",
    "multipicklist": "MultiselectPicklist",
    "phone": "Phone",
    "picklist": "Picklist",
    "reference": "Lookup",
    "textarea": "LongTextArea",
    "url": "Url",
}


def add_schema(builder: Builder) -> None:
    """Fields are told of the business objects and of users only."""
    for sobject in SOBJECTS:
        if not sobject.tooling:
            _entity(builder, sobject)
        if sobject.by_object_permission or sobject.name == "User":
            _fields(builder, sobject)


def _entity(builder: Builder, sobject: SObject) -> None:
    values = {
        "Id": sobject.name,  # what relationships follow is the durable id
        "DurableId": sobject.name,
        "DeveloperName": sobject.name,
        "QualifiedApiName": sobject.name,
        "Label": sobject.label,
        "MasterLabel": sobject.label,
        "PluralLabel": sobject.plural,
        "KeyPrefix": sobject.prefix,
        "InternalSharingModel": "ReadWrite" if sobject.by_object_permission else "Private",
        "ExternalSharingModel": "Private",
        "IsCustomizable": sobject.by_object_permission,
        "IsApexTriggerable": sobject.by_object_permission,
        "IsQueryable": True,
        "FullName": sobject.name,
        "Metadata": {"label": sobject.label, "pluralLabel": sobject.plural},
    }
    builder.org.insert("EntityDefinition", values, now=builder.now)


def _fields(builder: Builder, sobject: SObject) -> None:
    custom = [field for field in sobject.fields if field.custom]
    made = builder.org.insert_many(
        "CustomField", [_custom_field(sobject, field) for field in custom], now=builder.now
    )
    ids = {field.name: record["Id"] for field, record in zip(custom, made, strict=True)}
    rows = [_field(sobject, field, ids.get(field.name)) for field in sobject.fields]
    changed = {"LastModifiedDate": stamp(builder.now)}
    rows = [changed | row for row in rows]
    builder.org.insert_many("FieldDefinition", rows, now=builder.now)
    parts = [_particle(field, row) for field, row in zip(sobject.fields, rows, strict=True)]
    builder.org.insert_many("EntityParticle", parts, now=builder.now)


_SHARED = (
    "DurableId", "EntityDefinitionId", "DeveloperName", "QualifiedApiName", "Label", "MasterLabel",
    "DataType", "Length", "IsNillable",
)  # fmt: skip


def _particle(field: Field, definition: Record) -> Record:
    """The same field as the describe call tells of it, whether it is encrypted included."""
    return {name: definition[name] for name in _SHARED} | {
        "FieldDefinitionId": definition["DurableId"],
        "Name": field.name,
        "IsCreatable": field.createable,
        "IsEncrypted": field.encrypted,
        "IsIdLookup": field.type == "id" or field.external_id,
        "IsNameField": field.name_field,
        "IsPermissionable": field.createable and field.nillable,
        "IsUpdatable": field.updateable,
    }


def _field(sobject: SObject, field: Field, custom_id: str | None) -> Record:
    tail = custom_id[:15] if custom_id else field.name
    return {
        "DurableId": f"{sobject.name}.{tail}",
        "EntityDefinitionId": sobject.name,
        "DeveloperName": field.name.removesuffix("__c"),
        "QualifiedApiName": field.name,
        "Label": field.label,
        "MasterLabel": field.label,
        "DataType": _shown_type(field),
        "Length": field.length,
        "SecurityClassification": field.classification or None,
        "ComplianceGroup": field.compliance or None,
        "BusinessStatus": "Active" if field.classification else None,
        "IsNillable": field.nillable,
        "FullName": f"{sobject.name}.{field.name}",
        "Metadata": _metadata(field),
    }


def _shown_type(field: Field) -> str:
    if field.type == "textarea":
        return f"Long Text Area({field.length})" if field.length > 255 else "Text Area(255)"
    if field.type == "reference":
        return f"Lookup({field.refers_to})"
    return _TYPES.get(field.type, f"Text({field.length})")


def _custom_field(sobject: SObject, field: Field) -> Record:
    return {
        "DeveloperName": field.name.removesuffix("__c"),
        "TableEnumOrId": sobject.name,
        "EntityDefinitionId": sobject.name,
        "Length": field.length,
        "FullName": f"{sobject.name}.{field.name}",
        "Metadata": _metadata(field),
    }


def _metadata(field: Field) -> dict[str, Any]:
    """Key for key as in a field's metadata file; what is not set is null."""
    return {
        "businessStatus": "Active" if field.classification else None,
        "complianceGroup": field.compliance or None,
        "description": None,
        "encryptionScheme": "ProbabilisticEncryption" if field.encrypted else "None",
        "externalId": field.external_id,
        "formula": None,
        "label": field.label,
        "length": field.length or None,
        "required": not field.nillable,
        "securityClassification": field.classification or None,
        "type": _METADATA_TYPES.get(field.type, "Text"),
    }
