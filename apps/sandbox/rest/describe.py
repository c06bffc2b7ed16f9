"""The describe calls, key for key in the platform's order."""

from typing import Any

from apps.sandbox.access import may_touch
from apps.sandbox.errors import not_found
from apps.sandbox.rest.context import Context
from apps.sandbox.schema.fields import WRITTEN, Field, SObject
from apps.sandbox.schema.registry import SOBJECTS
from apps.sandbox.soql.relations import CHILDREN
from apps.sandbox.wire import Answer

_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "datetime": "xsd:dateTime",
    "int": "xsd:int",
}


def describe_global(context: Context) -> Answer:
    shown = [
        _summary(sobject, context.base)
        for each in SOBJECTS
        if (sobject := each.seen_by(tooling=context.tooling))
        and may_touch(context.org, context.user_id, sobject, "read")
    ]
    return Answer(body={"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown})


def basic_information(context: Context, name: str) -> Answer:
    sobject = _visible(context, name)
    summary = _summary(sobject, context.base)
    return Answer(body={"objectDescribe": summary, "recentItems": []})


def describe(context: Context, name: str) -> Answer:
    sobject = _visible(context, name)
    children = [_child(each.child, each.field, each.name) for each in _children_of(sobject)]
    whole: dict[str, Any] = _summary(sobject, context.base) | {
        "actionOverrides": [],
        "childRelationships": children,
        "compactLayoutable": not sobject.custom,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(field) for field in sobject.fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": sobject.by_object_permission,
        "supportedScopes": [{"label": f"All {sobject.plural.lower()}", "name": "everything"}],
    }
    for key in ("associateEntityType", "associateParentEntity"):
        del whole[key]
    return Answer(body=dict(sorted(whole.items())))


def _children_of(sobject: SObject) -> list[Any]:
    return [each for each in CHILDREN if each.parent == sobject.name]


def _visible(context: Context, name: str) -> SObject:
    sobject = context.sobject(name)
    if not may_touch(context.org, context.user_id, sobject, "read"):
        raise not_found()
    return sobject


def _child(child: str, field: str, name: str) -> dict[str, Any]:
    return {
        "cascadeDelete": False,
        "childSObject": child,
        "deprecatedAndHidden": False,
        "field": field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": name,
        "restrictedDelete": False,
    }


def _summary(sobject: SObject, base: str) -> dict[str, Any]:
    url = f"{base}/sobjects/{sobject.name}"
    business = sobject.by_object_permission
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": sobject.createable,
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": sobject.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": business,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": business,
        "mergeable": False,
        "mruEnabled": business,
        "name": sobject.name,
        "queryable": True,
        "replicateable": business,
        "retrieveable": True,
        "searchable": business,
        "triggerable": business,
        "undeletable": sobject.field("IsDeleted") is not None and business,
        "updateable": sobject.updateable,
        "urls": {
            "rowTemplate": f"{url}/{{ID}}",
            "describe": f"{url}/describe",
            "sobject": url,
        },
    }


_NO = (
    "aiPredictionField",
    "calculated",
    "cascadeDelete",
    "caseSensitive",
    "dependentPicklist",
    "deprecatedAndHidden",
    "displayLocationInDecimal",
    "formulaTreatNullNumberAsZero",
    "highScaleNumber",
    "htmlFormatted",
    "namePointing",
    "polymorphicForeignKey",
    "queryByDistance",
    "restrictedDelete",
    "restrictedPicklist",
    "unique",
    "writeRequiresMasterRead",
)
_NOTHING = (
    "calculatedFormula",
    "compoundFieldName",
    "controllerName",
    "defaultValueFormula",
    "filteredLookupInfo",
    "inlineHelpText",
    "mask",
    "maskType",
    "referenceTargetField",
    "relationshipOrder",
)
_ZERO = ("precision", "scale")
_UNUSED = dict.fromkeys(_NO, False) | dict.fromkeys(_NOTHING) | dict.fromkeys(_ZERO, 0)


def describe_field(field: Field) -> dict[str, Any]:
    """All that the platform tells of a field, in its alphabetical order."""
    numbered = field.name == "CaseNumber"
    is_id, is_reference = field.type == "id", field.type == "reference"
    told = {
        "aggregatable": field.filterable and field.type != "boolean",
        "autoNumber": numbered,
        "byteLength": field.length * (1 if is_id or is_reference else 3),
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default or (False if field.type == "boolean" else None),
        "defaultedOnCreate": is_id or field.default is not None or field.name in WRITTEN,
        "digits": 9 if field.type == "int" else 0,
        "encrypted": field.encrypted,
        "externalId": field.external_id,
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None,
        "filterable": field.filterable,
        "groupable": field.filterable and field.type != "datetime" and not numbered,
        "idLookup": is_id or field.external_id or numbered,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "nillable": field.nillable,
        "permissionable": field.createable and field.nillable,
        "picklistValues": [_option(value, field) for value in field.picklist],
        "referenceTo": [field.refers_to] if field.refers_to else [],
        "relationshipName": field.relationship,
        "searchPrefilterable": is_reference and field.createable and field.name != "OwnerId",
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.filterable,
        "type": field.type,
        "updateable": field.updateable,
    }
    return dict(sorted((_UNUSED | told).items()))


def _option(value: str, field: Field) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": value == field.default,
        "label": value,
        "validFor": None,
        "value": value,
    }
