"""sObject tree: records with their children, created together or not at all."""

from dataclasses import dataclass, field
from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.rest.context import Context
from apps.sandbox.rest.writing import Write, save_result, write
from apps.sandbox.soql.relations import child_relationship
from apps.sandbox.wire import Answer

MOST_RECORDS = 200
DEEPEST = 5


@dataclass
class Planting:
    """One tree being created: what was made, and what was refused."""

    context: Context
    made: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    def plant(self, name: str, rows: list[Any], *, link: dict[str, str], depth: int) -> None:
        """Create the rows of one level, each with its children."""
        if depth > DEEPEST:
            raise ApiError(400, "LIMIT_EXCEEDED", f"Trees are at most {DEEPEST} levels deep")
        for row in rows:
            self._plant_one(name, row, link=link, depth=depth)

    def _plant_one(
        self, name: str, row: dict[str, Any], *, link: dict[str, str], depth: int
    ) -> None:
        reference = _reference(row)
        children = {key: value for key, value in row.items() if _is_child(value)}
        plain = {key: value for key, value in row.items() if key not in children}
        outcome = write(self.context, Write(operation="insert", sobject=name, values=plain | link))
        if outcome.error is not None:
            errors = save_result(outcome)["errors"]
            self.failed.append({"referenceId": reference, "errors": errors})
            return
        self.made.append({"referenceId": reference, "id": outcome.record_id})
        if len(self.made) > MOST_RECORDS:
            raise ApiError(400, "LIMIT_EXCEEDED", f"Trees hold at most {MOST_RECORDS} records")
        for key, value in children.items():
            relation = child_relationship(name, key)
            if relation is None:
                raise ApiError(400, "INVALID_FIELD", f"No such relation '{key}' on {name}")
            parent = {relation.field: str(outcome.record_id)}
            self.plant(relation.child, value["records"], link=parent, depth=depth + 1)


def create_tree(context: Context, name: str) -> Answer:
    """Create every record; with one refused nothing stays and only the refusals are told."""
    rows = context.call.json_object().get("records")
    if not isinstance(rows, list) or not rows:
        raise ApiError(400, "JSON_PARSER_ERROR", "records must be a list with records")
    before = context.org.store.begin()
    planting = Planting(context)
    try:
        planting.plant(context.sobject(name).name, rows, link={}, depth=1)
    except Exception:
        context.org.store.roll_back(before)
        raise
    if planting.failed:
        context.org.store.roll_back(before)
        return Answer(status=400, body={"hasErrors": True, "results": planting.failed})
    context.org.store.commit()
    return Answer(status=201, body={"hasErrors": False, "results": planting.made})


def _reference(row: Any) -> str:
    attributes = row.get("attributes") if isinstance(row, dict) else None
    reference = attributes.get("referenceId") if isinstance(attributes, dict) else None
    if not reference:
        raise ApiError(400, "INVALID_INPUT", "Each record needs attributes with a referenceId")
    return str(reference)


def _is_child(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("records"), list)
