"""Conditions turned into predicates over records, with SOQL's rules of comparison."""

import operator
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.ids import looks_like_id, normal_id
from apps.sandbox.org import Record
from apps.sandbox.schema.fields import Field
from apps.sandbox.soql import tree
from apps.sandbox.soql.bind import Reader
from apps.sandbox.soql.dates import midnight, range_of
from apps.sandbox.times import read_stamp

Predicate = Callable[[Record], bool]
Operand = tree.Path | tree.Function
Locate = Callable[[Operand], tuple[Reader, Field]]
SemiJoin = Callable[[tree.Query], list[Any]]

_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ID_TYPES = frozenset({"id", "reference"})
NUMBERS = frozenset({"int", "double", "currency", "percent"})
_SHOWN_TYPES = {"datetime": "dateTime"}


class Filter:
    """Compiles conditions; `locate` finds a field's reader, `semi_join` runs an inner query."""

    def __init__(self, *, locate: Locate, semi_join: SemiJoin, now: datetime) -> None:
        self._locate = locate
        self._semi_join = semi_join
        self._now = now

    def compile(self, condition: tree.Condition) -> Predicate:
        """Raises ApiError when a value does not suit its field."""
        match condition:
            case tree.AllOf(conditions):
                every = [self.compile(each) for each in conditions]
                return lambda record: all(test(record) for test in every)
            case tree.AnyOf(conditions):
                some = [self.compile(each) for each in conditions]
                return lambda record: any(test(record) for test in some)
            case tree.Not(inner):
                negated = self.compile(inner)
                return lambda record: not negated(record)
            case tree.Compare():
                return self._compare(condition)
            case tree.Like():
                return self._like(condition)
            case tree.Within():
                return self._within(condition)
            case tree.Includes():
                return self._includes(condition)

    def _field(self, operand: Operand) -> tuple[Reader, Field]:
        read, field = self._locate(operand)
        if not field.filterable:
            message = f"field '{field.name}' can not be filtered in a query call"
            raise ApiError(400, "INVALID_FIELD", message)
        return read, field

    def _compare(self, condition: tree.Compare) -> Predicate:
        read, field = self._field(condition.operand)
        value = condition.value
        if isinstance(value, tree.DateLiteral):
            return self._in_range(read, field, condition.operator, value)
        wanted = suited(field, value)
        if condition.operator in {"=", "!="}:
            negated = condition.operator == "!="
            return lambda record: (comparable(field, read(record)) == wanted) != negated
        if wanted is None or field.type in {"reference", "boolean"}:
            raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator")
        ordered = _ORDERED[condition.operator]
        return lambda record: _when_present(ordered, comparable(field, read(record)), wanted)

    def _in_range(
        self, read: Reader, field: Field, sign: str, literal: tree.DateLiteral
    ) -> Predicate:
        if field.type != "datetime":
            raise _wrong_type(field)
        first, after = range_of(literal, now=self._now)
        tests: dict[str, Callable[[Any], bool]] = {
            "=": lambda moment: first <= moment < after,
            "!=": lambda moment: not first <= moment < after,
            "<": lambda moment: moment < first,
            "<=": lambda moment: moment < after,
            ">": lambda moment: moment >= after,
            ">=": lambda moment: moment >= first,
        }
        test = tests[sign]

        def holds(record: Record) -> bool:
            moment = comparable(field, read(record))
            return sign == "!=" if moment is None else test(moment)

        return holds

    def _like(self, condition: tree.Like) -> Predicate:
        read, field = self._field(condition.operand)
        if field.type in _ID_TYPES | {"boolean", "datetime"} | NUMBERS:
            raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field")
        pattern = like_pattern(condition.pattern)

        def holds(record: Record) -> bool:
            value = read(record)
            return value is not None and pattern.fullmatch(str(value)) is not None

        return holds

    def _within(self, condition: tree.Within) -> Predicate:
        read, field = self._field(condition.operand)
        if isinstance(condition.values, tree.Query):
            given: list[Any] = self._semi_join(condition.values)
        else:
            given = list(condition.values)
        wanted = {suited(field, value) for value in given}
        return lambda record: (comparable(field, read(record)) in wanted) != condition.negated

    def _includes(self, condition: tree.Includes) -> Predicate:
        read, field = self._field(condition.operand)
        if field.type != "multipicklist":
            message = f"includes operator is not valid for field '{field.name}'"
            raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", message)
        choices = [set(choice.lower().split(";")) for choice in condition.choices]

        def holds(record: Record) -> bool:
            held = set(str(read(record) or "").lower().split(";"))
            return any(choice <= held for choice in choices) != condition.negated

        return holds


def like_pattern(pattern: str) -> re.Pattern[str]:
    """`%` is any run of characters and `_` any one; a backslash takes either literally."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    spelled = "".join(wild.get(part) or re.escape(part.removeprefix("\\")) for part in parts)
    return re.compile(spelled, re.IGNORECASE | re.DOTALL)


def comparable(field: Field, value: Any) -> Any:
    """A stored value in the form that comparisons use."""
    if value is None:
        return None
    if field.type == "datetime":
        return read_stamp(value)
    return value.casefold() if isinstance(value, str) and field.type not in _ID_TYPES else value


def suited(field: Field, value: tree.Scalar) -> Any:
    """A value of the query in the form that comparisons use. Raises ApiError."""
    if value is None:
        return None
    if field.type == "boolean":
        return _of_type(field, value, bool)
    if field.type == "datetime":
        if isinstance(value, date) and not isinstance(value, datetime):
            return midnight(value)
        return _of_type(field, value, datetime)
    if field.type == "date":
        return _of_type(field, value, date).isoformat()
    if field.type in NUMBERS:
        return _of_type(field, value, float)
    text = _of_type(field, value, str)
    if field.type not in _ID_TYPES:
        return text.casefold()
    if not looks_like_id(text):
        raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return normal_id(text)


def _of_type(field: Field, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise _wrong_type(field)
    return value


def _wrong_type(field: Field) -> ApiError:
    bare = field.type in {"boolean", "datetime"} | NUMBERS
    quotes = "should not be" if bare else "should be"
    shown = _SHOWN_TYPES.get(field.type, field.type)
    message = (
        f"value of filter criterion for field '{field.name}' must be of type {shown} "
        f"and {quotes} enclosed in quotes"
    )
    return ApiError(400, "INVALID_FIELD", message)


def _when_present(test: Callable[[Any, Any], bool], held: Any, wanted: Any) -> bool:
    return held is not None and test(held, wanted)
