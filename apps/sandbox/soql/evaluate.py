"""Running a parsed query against the org."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.sandbox.access import has_permission
from apps.sandbox.errors import ApiError
from apps.sandbox.event_logs import twin
from apps.sandbox.org import Org, Record, known_sobject, value_of
from apps.sandbox.schema.fields import Field, SObject
from apps.sandbox.schema.permissions import PERMISSIONS
from apps.sandbox.soql import tree
from apps.sandbox.soql.aggregate import aggregate, is_aggregate
from apps.sandbox.soql.bind import Bound, Reader, Scope, follow, visible_sobject
from apps.sandbox.soql.filter import Filter, comparable
from apps.sandbox.soql.metadata import check_filter, check_rows
from apps.sandbox.soql.relations import ChildRelationship, child_relationship

MOST_OFFSET = 2000
MOST_TOKENS = 2500  # OauthToken ends there without a word, whatever LIMIT says
_OWN_ROWS_WITHOUT = {"OauthToken": "CustomizeApplication", "LoginHistory": "ManageUsers"}
_ALL_FIELDS_LIMIT = 200


@dataclass(frozen=True, kw_only=True)
class Result:
    """Rows ready to send; `total` can be more than their number for COUNT() alone."""

    total: int
    rows: list[dict[str, Any]]
    sobject: str = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who asks, when, over which version's path, and whether deleted rows count."""

    org: Org
    user_id: str
    now: datetime
    base: str
    include_deleted: bool = False
    tooling: bool = False


def run(request: Request, query: tree.Query) -> Result:
    """Raises ApiError with the platform's codes."""
    scope = scope_of(request, query)
    sobject = scope.sobject
    check_filter(sobject, query)
    if query.offset > MOST_OFFSET:
        message = f"Maximum SOQL offset allowed is {MOST_OFFSET}"
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
    records = _matching(request, scope, query)
    if _counts_all(query):
        return Result(total=len(_cut(query, records)), rows=[])
    if is_aggregate(query):
        rows = _cut(query, aggregate(scope, query, records))
        return Result(total=len(rows), rows=rows)
    show = _renderer(request, scope, query)
    chosen = _cut(query, _ordered(scope, query, records))
    check_rows(query, chosen)
    if sobject.name == "OauthToken":
        chosen = chosen[:MOST_TOKENS]
    return Result(total=len(chosen), rows=[show(each) for each in chosen], sobject=sobject.name)


def scope_of(request: Request, query: tree.Query) -> Scope:
    """What a query's names are looked up in. Raises ApiError INVALID_TYPE."""
    sobject = visible_sobject(
        request.org, request.user_id, query.source, query.text, tooling=request.tooling
    )
    return _scope(request, sobject, query.alias, query.text)


def child_scope(
    request: Request, scope: Scope, query: tree.Query
) -> tuple[ChildRelationship, Scope]:
    """The same for a query of child records. Raises ApiError INVALID_TYPE."""
    relation = child_relationship(scope.sobject.name, query.source.text)
    if relation is None:
        message = f"Didn't understand relationship '{query.source.text}' in FROM part of query call"
        raise scope.refuse(query.source, "INVALID_TYPE", message)
    return relation, _scope(request, known_sobject(relation.child), query.alias, scope.text)


def _scope(request: Request, sobject: SObject, alias: str, text: str) -> Scope:
    return Scope(
        org=request.org,
        user_id=request.user_id,
        now=request.now,
        sobject=sobject,
        alias=alias,
        text=text,
    )


def _counts_all(query: tree.Query) -> bool:
    first = query.items[0]
    alone = len(query.items) == 1 and not query.group
    return (
        alone
        and isinstance(first, tree.Function)
        and first.name == "COUNT"
        and first.argument is None
    )


def _cut(query: tree.Query, rows: list[Any]) -> list[Any]:
    end = None if query.limit is None else query.offset + query.limit
    return rows[query.offset : end]


def _rows_of(request: Request, sobject: SObject) -> list[Record]:
    if sobject.name == twin.NAME:
        return twin.usage_rows(request.org, now=request.now)
    if sobject.name == "UserPermissionAccess":
        return [_held(request)]
    return request.org.records(sobject.name)


def _matching(request: Request, scope: Scope, query: tree.Query) -> list[Record]:
    records = _rows_of(request, scope.sobject)
    if not request.include_deleted:
        records = [record for record in records if not record.get("IsDeleted")]
    needed = _OWN_ROWS_WITHOUT.get(scope.sobject.name)
    if needed and not has_permission(request.org, request.user_id, needed):
        records = [record for record in records if record.get("UserId") == request.user_id]
    if query.where is None:
        return records
    holds = _filter(request, scope).compile(query.where)
    return [record for record in records if holds(record)]


def _held(request: Request) -> Record:
    """The one row of UserPermissionAccess: what the asking user holds by whatever way."""
    held = {
        f"Permissions{name}": has_permission(request.org, request.user_id, name)
        for name in PERMISSIONS
    }
    return {"Id": "000000000000000AAA", **held}


def _filter(request: Request, scope: Scope) -> Filter:
    def semi_join(query: tree.Query) -> list[Any]:
        return _single_column(request, tree.Query(**{**query.__dict__, "text": scope.text}))

    return Filter(locate=scope.locate, semi_join=semi_join, now=request.now)


def _single_column(request: Request, query: tree.Query) -> list[Any]:
    scope = scope_of(request, query)
    column = query.items[0]
    if len(query.items) != 1 or not isinstance(column, tree.Column):
        message = "An inner query selects exactly one field"
        raise ApiError(400, "MALFORMED_QUERY", message)
    read = scope.reader(scope.bind(column.path))
    values = [read(record) for record in _matching(request, scope, query)]
    return [value for value in values if value is not None]


def _ordered(scope: Scope, query: tree.Query, records: list[Record]) -> list[Record]:
    for ordering in reversed(query.order):
        if isinstance(ordering.operand, tree.Function):
            message = "An aggregate in ORDER BY needs GROUP BY"
            raise scope.refuse(ordering.operand.at, "MALFORMED_QUERY", message)
        bound = scope.bind(ordering.operand)
        if not bound.field.filterable:
            message = f"field '{bound.field.name}' can not be sorted in a query call"
            raise scope.refuse(ordering.operand, "INVALID_FIELD", message)
        records = _sorted(records, scope.reader(bound), bound.field, ordering)
    return records


def _sorted(
    records: list[Record], read: Reader, field: Field, ordering: tree.Ordering
) -> list[Record]:
    keyed = [(comparable(field, read(record)), record) for record in records]
    present = [pair for pair in keyed if pair[0] is not None]
    empty = [record for key, record in keyed if key is None]
    present.sort(key=lambda pair: pair[0], reverse=ordering.descending)
    full = [record for _, record in present]
    return full + empty if ordering.nulls_last else empty + full


def _renderer(
    request: Request, scope: Scope, query: tree.Query
) -> Callable[[Record], dict[str, Any]]:
    columns: list[Bound] = []
    children: list[tree.Query] = []
    for item in query.items:
        match item:
            case tree.Column(path):
                columns.append(scope.bind(path))
            case tree.Function():
                columns += _macro(scope, query, item)
            case tree.Query():
                children.append(item)

    def show(record: Record) -> dict[str, Any]:
        shown: dict[str, Any] = {"attributes": attributes(request.base, scope.sobject, record)}
        for column in columns:
            _place(request, shown, record, column)
        for child in children:
            name, rows = _children(request, scope, child, record)
            shown[name] = rows
        return shown

    return show


def _macro(scope: Scope, query: tree.Query, item: tree.Function) -> list[Bound]:
    kind = item.argument.text.upper() if item.argument else ""
    if item.name != "FIELDS" or kind not in {"ALL", "STANDARD", "CUSTOM"}:
        raise scope.refuse(item.at, "MALFORMED_QUERY", f"unknown function: {item.name}")
    if kind != "STANDARD" and not (query.limit and query.limit <= _ALL_FIELDS_LIMIT):
        message = "The SOQL FIELDS function must have a LIMIT of at most 200"
        raise ApiError(400, "MALFORMED_QUERY", message)
    return [
        Bound(steps=(), field=field)
        for field in scope.sobject.fields
        if kind == "ALL" or field.custom == (kind == "CUSTOM")
    ]


def attributes(base: str, sobject: SObject, record: Record) -> dict[str, str]:
    return {"type": sobject.name, "url": f"{base}/sobjects/{sobject.name}/{record['Id']}"}


def _place(request: Request, shown: dict[str, Any], record: Record, column: Bound) -> None:
    """Put a column's value in the row, inside the nested rows of its references."""
    for position, step in enumerate(column.steps, start=1):
        name = step.relationship or step.name
        found = follow(request.org, record, column.steps[:position])
        if found is None:
            shown[name] = None
            return
        sobject = known_sobject(step.refers_to or "")
        shown = shown.setdefault(name, {"attributes": attributes(request.base, sobject, found)})
    holder = follow(request.org, record, column.steps) or {}
    shown[column.field.name] = value_of(holder, column.field)


def _children(
    request: Request, scope: Scope, query: tree.Query, parent: Record
) -> tuple[str, dict[str, Any] | None]:
    relation, inner = child_scope(request, scope, query)
    records = _matching(request, inner, query)
    mine = [record for record in records if record.get(relation.field) == parent["Id"]]
    show = _renderer(request, inner, query)
    rows = [show(each) for each in _cut(query, _ordered(inner, query, mine))]
    if not rows:
        return relation.name, None
    return relation.name, {"totalSize": len(rows), "done": True, "records": rows}
