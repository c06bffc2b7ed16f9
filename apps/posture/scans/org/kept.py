"""What an org keeps: restricted fields, custom metadata, labels.

Object reference: EntityDefinition, FieldDefinition (which has to be filtered by object, and answers
one page only); Tooling API reference: ExternalString. Whether a field is encrypted stands in the
describe call.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from apps.crm.client.soql import checked_name
from apps.crm.inventory.fields import OBJECTS_PER_QUERY, defined_fields, described
from apps.crm.session import Org
from apps.posture.scan.metadata.data import RESTRICTED
from apps.posture.scan.sources import SourceFile

from .asking import OWN, Part, Record, plain, select, xml_file

COLUMNS = ("QualifiedApiName", "SecurityClassification", "EntityDefinition.QualifiedApiName")
_TYPES = {
    "string": "Text", "textarea": "TextArea", "email": "Email", "phone": "Phone", "url": "Url",
    "date": "Date", "datetime": "DateTime", "encryptedstring": "EncryptedText",
}  # fmt: skip
_TEXTS = frozenset({"string", "textarea", "url", "email"})


def _fields(org: Org) -> Iterator[SourceFile]:
    """A file for each object that has a restricted field."""
    query = select("EntityDefinition", "DurableId", where="IsCustomizable = true")
    ids = [str(record["DurableId"]) for record in org.query(query)]
    levels: dict[str, dict[str, str]] = {}
    for start in range(0, len(ids), OBJECTS_PER_QUERY):
        for record in defined_fields(org, ids[start : start + OBJECTS_PER_QUERY], COLUMNS):
            if record.get("SecurityClassification") in RESTRICTED:
                owner = str((record.get("EntityDefinition") or {}).get("QualifiedApiName"))
                field = str(record["QualifiedApiName"])
                levels.setdefault(owner, {})[field] = record["SecurityClassification"]
    for owner, found in levels.items():
        yield from _object(org, owner, found)


def _object(org: Org, owner: str, levels: dict[str, str]) -> Iterator[SourceFile]:
    told = {field["name"]: field for field in described(org, owner)}
    for name in levels.keys() - told.keys():
        why = f"it is {levels[name]}, and the console's user may not see how it is kept"
        yield SourceFile(f"objects/{plain(owner)}/fields/{plain(name)}.field", None, why)
    seen = [name for name in levels if name in told]
    held = [("fields", _field(told[name], levels[name])) for name in seen]
    yield xml_file(f"objects/{plain(owner)}.object", "CustomObject", held)


def _field(told: Record, level: str) -> dict[str, Any]:
    kind = str(told.get("type"))
    return {
        "fullName": told["name"],
        "type": _TYPES.get(kind, kind.capitalize()),
        "securityClassification": level,
        "encryptionScheme": "Encrypted" if told.get("encrypted") else None,
        "formula": "calculated" if told.get("calculated") else None,
    }


def _records(org: Org) -> Iterator[SourceFile]:
    """Records of the org's own custom metadata types, with what they hold as text."""
    types = f"QualifiedApiName LIKE '%__mdt' AND {OWN}"
    for found in list(org.query(select("EntityDefinition", "QualifiedApiName", where=types))):
        kind = checked_name(str(found["QualifiedApiName"]))
        texts = [
            checked_name(str(field["name"]))
            for field in described(org, kind)
            if field.get("custom") and field.get("type") in _TEXTS
        ]
        if texts:
            yield from _rows(org, kind, texts)


def _rows(org: Org, kind: str, texts: Iterable[str]) -> Iterator[SourceFile]:
    columns = list(texts)
    for record in org.query(select(kind, "DeveloperName", *columns, where="")):
        held = [("values", {"field": name, "value": record.get(name)}) for name in columns]
        path = f"customMetadata/{kind.removesuffix('__mdt')}.{plain(record['DeveloperName'])}.md"
        yield xml_file(path, "CustomMetadata", held)


def _labels(org: Org) -> Iterator[SourceFile]:
    rows = org.tooling_query(select("ExternalString", "Name", "Value"))
    held = [("labels", {"fullName": row["Name"], "value": row.get("Value")}) for row in rows]
    yield xml_file("labels/CustomLabels.labels", "CustomLabels", held)


PARTS = (
    Part("objects/*.object", _fields),
    Part("customMetadata/*.md", _records),
    Part("labels/*.labels", _labels),
)
