"""The rules of queries about metadata that no other query knows."""

from apps.sandbox.errors import ApiError
from apps.sandbox.org import Record
from apps.sandbox.schema.fields import SObject
from apps.sandbox.soql import tree

_WHOLE = frozenset({"metadata", "fullname"})


def check_rows(query: tree.Query, rows: list[Record]) -> None:
    """Raises ApiError when a full definition is asked for of more than one component.

    The rule and its words: Tooling API reference, "SOQL Operation Limitations"."""
    if len(rows) < 2:
        return
    paths = [item.path for item in query.items if isinstance(item, tree.Column)]
    if any(path.names[-1].lower() in _WHOLE for path in paths):
        message = (
            "When retrieving results with Metadata or FullName fields, the query qualifications "
            f"must specify no more than one row for retrieval. Result size: {len(rows)}"
        )
        raise ApiError(400, "MALFORMED_QUERY", message)


def check_filter(sobject: SObject, query: tree.Query) -> None:
    """Raises ApiError when an object that is worked out for a parent is asked for without one."""
    if not sobject.filtered_by:
        return
    allowed = {name.lower() for name in sobject.filtered_by}
    allowed |= {name.removesuffix("id") for name in allowed}
    if not any({name.lower() for name in path.names} & allowed for path in _paths(query.where)):
        names = ",".join(sobject.filtered_by)
        message = f"{sobject.name}: a filter on a reified column is required [{names}]"
        raise ApiError(400, "MALFORMED_QUERY", message)


def _paths(condition: tree.Condition | None) -> list[tree.Path]:
    """The fields that must hold; an alternative or a negation filters nothing for certain."""
    match condition:
        case tree.AllOf(conditions):
            return [path for each in conditions for path in _paths(each)]
        case None | tree.AnyOf() | tree.Not():
            return []
    return [condition.operand] if isinstance(condition.operand, tree.Path) else []
