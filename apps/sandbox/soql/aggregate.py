"""COUNT, MIN, MAX, SUM and AVG, with and without GROUP BY."""

from collections.abc import Callable
from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.org import Record
from apps.sandbox.schema.fields import Field
from apps.sandbox.soql import tree
from apps.sandbox.soql.bind import Reader, Scope
from apps.sandbox.soql.calendar import field_of, is_date_function
from apps.sandbox.soql.filter import NUMBERS, Filter

Row = dict[str, Any]
_COUNTED = Field(name="expr", type="double")


def _mean(values: list[Any]) -> float:
    return float(sum(values) / len(values))


_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len(set(values)),
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: _mean(values) if values else None,
}


def is_aggregate(query: tree.Query) -> bool:
    functions = [item for item in query.items if isinstance(item, tree.Function)]
    return bool(query.group) or any(item.name in _FUNCTIONS for item in functions)


def aggregate(scope: Scope, query: tree.Query, records: list[Record]) -> list[Row]:
    """One row for each group, or one for all records. Raises ApiError."""
    groups = _groups(scope, query, records)
    rows = [_measures(scope, query, members) for members in groups]
    if query.having is not None:
        holds = Filter(locate=_locate, semi_join=_no_join, now=scope.now).compile(query.having)
        rows = [row for row in rows if holds(row)]
    for ordering in reversed(query.order):
        _sort(rows, operand_key(ordering.operand), descending=ordering.descending)
    return [_shown(query, row) for row in rows]


def _sort(rows: list[Row], key: str, *, descending: bool) -> None:
    if any(key not in row for row in rows):
        message = f"Ordered field must be grouped or aggregated: {key}"
        raise ApiError(400, "MALFORMED_QUERY", message)
    rows.sort(key=lambda row: (row[key] is not None, row[key]), reverse=descending)


def operand_key(operand: tree.Path | tree.Function) -> str:
    if isinstance(operand, tree.Path):
        return operand.text.lower()
    inner = operand.argument.text.lower() if operand.argument else "id"
    return f"{operand.name}({inner})"


def _groups(scope: Scope, query: tree.Query, records: list[Record]) -> list[list[Record]]:
    if not query.group:
        return [records]
    readers = [scope.locate(operand)[0] for operand in query.group]
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        groups.setdefault(tuple(read(record) for read in readers), []).append(record)
    return list(groups.values())


def _measures(scope: Scope, query: tree.Query, members: list[Record]) -> Row:
    row: Row = {}
    for operand in query.group:
        row[operand_key(operand)] = scope.locate(operand)[0](members[0])
    for function in _functions(query):
        if operand_key(function) not in row:
            row[operand_key(function)] = _measure(scope, function, members)
    return row


def _functions(query: tree.Query) -> list[tree.Function]:
    found = [item for item in query.items if isinstance(item, tree.Function)]
    found += [each.operand for each in query.order if isinstance(each.operand, tree.Function)]
    return found + _inside(query.having)


def _inside(condition: tree.Condition | None) -> list[tree.Function]:
    match condition:
        case tree.AllOf(conditions) | tree.AnyOf(conditions):
            return [function for each in conditions for function in _inside(each)]
        case tree.Not(inner):
            return _inside(inner)
        case None:
            return []
    return [condition.operand] if isinstance(condition.operand, tree.Function) else []


def _measure(scope: Scope, function: tree.Function, members: list[Record]) -> Any:
    measure = _FUNCTIONS.get(function.name)
    if measure is None:
        raise scope.refuse(function.at, "MALFORMED_QUERY", f"unknown function: {function.name}")
    if function.argument is None:
        return len(members)
    bound = scope.bind(function.argument)
    read = scope.reader(bound)
    values = [value for record in members if (value := read(record)) is not None]
    if function.name in {"SUM", "AVG"} and bound.field.type not in NUMBERS:
        message = f"field {bound.field.name} does not support aggregate operator {function.name}"
        raise scope.refuse(function.argument, "MALFORMED_QUERY", message)
    return measure(values)


def _locate(operand: tree.Path | tree.Function) -> tuple[Reader, Field]:
    key = operand_key(operand)
    field = _COUNTED if isinstance(operand, tree.Function) else Field(name=key, type="string")
    if isinstance(operand, tree.Function) and is_date_function(operand.name):
        field = field_of(operand.name)
    return (lambda row: row.get(key)), field


def _no_join(query: tree.Query) -> list[Any]:
    raise ApiError(400, "MALFORMED_QUERY", "A semi join is not allowed in HAVING")


def _shown(query: tree.Query, row: Row) -> Row:
    shown: Row = {"attributes": {"type": "AggregateResult"}}
    unnamed = 0
    for item in query.items:
        if isinstance(item, tree.Column):
            key = operand_key(item.path)
            if key not in row:
                message = f"Field must be grouped or aggregated: {item.path.text}"
                raise ApiError(400, "MALFORMED_QUERY", message)
            shown[item.alias or item.path.names[-1]] = row[key]
        elif isinstance(item, tree.Function):
            shown[item.alias or f"expr{unnamed}"] = row[operand_key(item)]
            unnamed += 0 if item.alias else 1
    return shown
