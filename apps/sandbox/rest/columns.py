"""What a query would bring (`columns=true`), without running it: the table it describes."""

from typing import Any

from apps.sandbox.schema.fields import Field
from apps.sandbox.soql import tree
from apps.sandbox.soql.bind import Scope
from apps.sandbox.soql.evaluate import Request, child_scope, scope_of
from apps.sandbox.soql.filter import NUMBERS

_APEX_TYPES = {
    "boolean": "Boolean",
    "datetime": "Datetime",
    "double": "Double",
    "id": "Id",
    "int": "Integer",
    "reference": "Id",
}


def columns_of(request: Request, query: tree.Query) -> dict[str, Any]:
    """Raises ApiError for names that the query could not use either."""
    scope = scope_of(request, query)
    columns: list[dict[str, Any]] = []
    unnamed = 0
    for item in query.items:
        match item:
            case tree.Column(path):
                columns.append(_path(scope, path))
            case tree.Function():
                columns.append(_function(item, unnamed))
                unnamed += 0 if item.alias else 1
            case tree.Query():
                columns.append(_children(request, scope, item))
    names = {each["columnName"] for each in columns}
    return {
        "columnMetadata": columns,
        "entityName": scope.sobject.name,
        "groupBy": bool(query.group),
        "idSelected": "Id" in names,
        "keyPrefix": scope.sobject.prefix,
    }


def _path(scope: Scope, path: tree.Path) -> dict[str, Any]:
    bound = scope.bind(path)
    column = _column(bound.field)
    for step in reversed(bound.steps):
        name = step.relationship or step.name
        column = _bare(name) | {"foreignKeyName": step.name, "joinColumns": [column]}
    return column


def _column(field: Field) -> dict[str, Any]:
    return _bare(field.name) | {
        "apexType": _APEX_TYPES.get(field.type, "String"),
        "booleanType": field.type == "boolean",
        "custom": field.custom,
        "insertable": field.createable,
        "numberType": field.type in NUMBERS,
        "textType": field.type not in _APEX_TYPES and field.type not in NUMBERS,
        "updatable": field.updateable,
    }


def _bare(name: str) -> dict[str, Any]:
    return {
        "aggregate": False,
        "apexType": None,
        "booleanType": False,
        "columnName": name,
        "custom": False,
        "displayName": name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    }


def _function(item: tree.Function, unnamed: int) -> dict[str, Any]:
    name = item.alias or f"expr{unnamed}"
    return _bare(name) | {"aggregate": True, "apexType": "Integer", "numberType": True}


def _children(request: Request, scope: Scope, query: tree.Query) -> dict[str, Any]:
    relation, inner = child_scope(request, scope, query)
    columns = [_path(inner, each.path) for each in query.items if isinstance(each, tree.Column)]
    return _bare(relation.name) | {"aggregate": True, "joinColumns": columns}
