"""Names in a query tied to the fields they mean."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.sandbox.access import may_touch
from apps.sandbox.errors import ApiError
from apps.sandbox.org import Org, Record, known_sobject, value_of
from apps.sandbox.schema.fields import Field, SObject
from apps.sandbox.schema.registry import find_sobject
from apps.sandbox.soql.calendar import field_of, is_date_function
from apps.sandbox.soql.calendar import reader_of as part_reader
from apps.sandbox.soql.parse import pointed
from apps.sandbox.soql.tree import Function, Path

Reader = Callable[[Record], Any]
_ADVICE = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A field reached over zero or more references."""

    steps: tuple[Field, ...]
    field: Field


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One query's object, who asks, and when."""

    org: Org
    user_id: str
    now: datetime
    sobject: SObject
    alias: str
    text: str

    def bind(self, path: Path) -> Bound:
        """Find the field a path means. Raises ApiError INVALID_FIELD at its place."""
        names = list(path.names)
        own = {self.alias.lower(), self.sobject.name.lower()}
        if len(names) > 1 and names[0].lower() in own:
            names = names[1:]
        sobject, steps = self.sobject, []
        for name in names[:-1]:
            step = sobject.relationship(name)
            if step is None or step.refers_to is None:
                raise self._no_relationship(path, name)
            steps.append(step)
            sobject = known_sobject(step.refers_to)
        field = sobject.field(names[-1])
        if field is None:
            raise self._no_column(path, names[-1], sobject)
        return Bound(steps=tuple(steps), field=field)

    def reader(self, bound: Bound) -> Reader:
        def read(record: Record) -> Any:
            found = follow(self.org, record, bound.steps)
            return None if found is None else value_of(found, bound.field)

        return read

    def locate(self, operand: Path | Function) -> tuple[Reader, Field]:
        """How to read a field or a part of a date, and what comes of it. Raises ApiError."""
        if isinstance(operand, Path):
            bound = self.bind(operand)
            return self.reader(bound), bound.field
        if operand.argument is None or not is_date_function(operand.name):
            message = f"Grouped field or aggregate is not allowed here: {operand.name}"
            raise self.refuse(operand.at, "MALFORMED_QUERY", message)
        bound = self.bind(operand.argument)
        if bound.field.type != "datetime":
            message = f"{operand.name} can only be used with a date or a dateTime field"
            raise self.refuse(operand.argument, "MALFORMED_QUERY", message)
        return part_reader(operand.name, self.reader(bound)), field_of(operand.name)

    def refuse(self, path: Path, code: str, message: str) -> ApiError:
        return ApiError(400, code, pointed(self.text, path.line, path.column, message))

    def _no_column(self, path: Path, name: str, sobject: SObject) -> ApiError:
        return self.refuse(
            path,
            "INVALID_FIELD",
            f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use a "
            f"custom field, be sure to append the '__c' after the custom field name. {_ADVICE}",
        )

    def _no_relationship(self, path: Path, name: str) -> ApiError:
        return self.refuse(
            path,
            "INVALID_FIELD",
            f"Didn't understand relationship '{name}' in field path. If you are attempting to use "
            "a custom relationship, be sure to append the '__r' after the custom relationship "
            f"name. {_ADVICE}",
        )


def follow(org: Org, record: Record, steps: tuple[Field, ...]) -> Record | None:
    """The record at the end of the references, or None where one is empty."""
    found: Record | None = record
    for step in steps:
        key = found.get(step.name) if found else None
        found = org.record(step.refers_to or "", str(key)) if key else None
    return found


def visible_sobject(
    org: Org, user_id: str, source: Path, text: str, *, tooling: bool = False
) -> SObject:
    """The object a query asks for. Raises ApiError INVALID_TYPE also when it is hidden."""
    found = find_sobject(source.text)
    sobject = found.seen_by(tooling=tooling) if found else None
    if sobject is None or not may_touch(org, user_id, sobject, "read"):
        message = (
            f"sObject type '{source.text}' is not supported. If you are attempting to use a "
            f"custom object, be sure to append the '__c' after the entity name. {_ADVICE}"
        )
        place = pointed(text, source.line, source.column, message)
        raise ApiError(400, "INVALID_TYPE", place)
    return sobject
