"""Records: read, create, change, delete, and upsert by an external id."""

from typing import Any

from apps.sandbox.access import may_touch
from apps.sandbox.audit import note_change
from apps.sandbox.errors import ApiError, insufficient_access, not_found
from apps.sandbox.org import Record, value_of
from apps.sandbox.rest.approvals import check_unlocked
from apps.sandbox.rest.context import Context, known_id
from apps.sandbox.rest.rules import check_deletable, checked_values, complete, seal
from apps.sandbox.schema.fields import Field, SObject
from apps.sandbox.soql.evaluate import attributes
from apps.sandbox.wire import Answer, no_content


def get_record(context: Context, name: str, record_id: str) -> Answer:
    names = context.call.query.get("fields", "").split(",")
    return read_record(context, name, record_id, fields=[each.strip() for each in names])


def read_record(context: Context, name: str, record_id: str, *, fields: list[str]) -> Answer:
    """One record with these fields, or with all when only an empty one is named."""
    sobject = context.sobject(name)
    record = _existing(context, sobject, record_id, "read")
    wanted = _wanted_fields(sobject, fields)
    body: dict[str, Any] = {"attributes": attributes(context.base, sobject, record)}
    body |= {field.name: value_of(record, field) for field in wanted}
    return Answer(body=body)


def _wanted_fields(sobject: SObject, names: list[str]) -> list[Field]:
    if names == [""]:
        return list(sobject.fields)
    found = [(name, sobject.field(name)) for name in names]
    missing = [name for name, field in found if field is None]
    if missing:
        message = f"No such column '{missing[0]}' on sobject of type {sobject.name}"
        raise ApiError(400, "INVALID_FIELD", message)
    return [field for _, field in found if field is not None]


def _existing(context: Context, sobject: SObject, text: str, action: str) -> Record:
    """The live record of this id, if the user may. Raises ApiError."""
    if not may_touch(context.org, context.user_id, sobject, "read"):
        raise not_found()
    record_id = known_id(text)
    if record_id is None or not record_id.startswith(sobject.prefix):
        message = f"{sobject.label} ID: id value of incorrect type: {text}"
        raise ApiError(400, "MALFORMED_ID", message, fields=["Id"])
    record = context.org.record(sobject.name, record_id)
    if record is None or (record.get("IsDeleted") and action == "read"):
        raise not_found()
    if record.get("IsDeleted"):
        raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", fields=[])
    if not may_touch(context.org, context.user_id, sobject, action):
        raise insufficient_access()
    return record


def create_record(context: Context, name: str) -> Answer:
    sobject = context.sobject(name)
    values = context.call.json_object()
    return _create(context, sobject, values)


def _create(context: Context, sobject: SObject, values: Record) -> Answer:
    if not sobject.createable or not may_touch(context.org, context.user_id, sobject, "create"):
        message = f"entity type cannot be inserted: {sobject.label}"
        raise ApiError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)
    checked = _completed(context, sobject, values)
    record = context.org.insert(sobject.name, checked, now=context.call.now, by=context.user_id)
    seal(context.org, sobject, record, now=context.call.now)
    _wrote(context, sobject, "created", record)
    body = {"id": record["Id"], "success": True, "errors": []}
    return Answer(status=201, body=body, headers={"Location": _url(context, sobject, record)})


def _completed(context: Context, sobject: SObject, values: Record) -> Record:
    checked = checked_values(context.org, sobject, values)
    return complete(context.org, sobject, checked, by=context.user_id)


def _url(context: Context, sobject: SObject, record: Record) -> str:
    return f"{context.base}/sobjects/{sobject.name}/{record['Id']}"


def update_record(context: Context, name: str, record_id: str) -> Answer:
    sobject = context.sobject(name)
    record = _existing(context, sobject, record_id, "edit")
    values = context.call.json_object()
    _change(context, sobject, record, values)
    return no_content()


def _change(context: Context, sobject: SObject, record: Record, values: Record) -> None:
    if not sobject.updateable:
        raise insufficient_access("insufficient access rights on cross-reference id")
    check_unlocked(context.org, record, context.user_id)
    checked = checked_values(context.org, sobject, values, creating=False)
    after = context.org.update(
        sobject.name, record["Id"], checked, now=context.call.now, by=context.user_id
    )
    seal(context.org, sobject, after, now=context.call.now)
    _wrote(context, sobject, "changed", after)


def _wrote(context: Context, sobject: SObject, verb: str, record: Record) -> None:
    context.org.counts["writes"] += 1
    by, now = context.user_id, context.call.now
    note_change(context.org, sobject, verb, record, by=by, now=now)


def delete_record(context: Context, name: str, record_id: str) -> Answer:
    sobject = context.sobject(name)
    record = _existing(context, sobject, record_id, "delete")
    if not sobject.deletable:
        raise insufficient_access()
    check_deletable(context.org, sobject, record)
    if context.org.faults.strikes_inside("delete_ignored", context.call):
        return no_content()
    context.org.remove(sobject.name, record["Id"])
    _wrote(context, sobject, "deleted", record)
    return no_content()


def _matches(context: Context, sobject: SObject, field_name: str, value: str) -> list[Record]:
    field = sobject.field(field_name)
    if field is None or not field.external_id:
        message = f"Provided external ID field does not exist or is not accessible: {field_name}"
        raise ApiError(404, "NOT_FOUND", message)
    rows = context.org.records(sobject.name)
    wanted = value.casefold()
    return [
        row
        for row in rows
        if not row.get("IsDeleted") and str(row.get(field.name) or "").casefold() == wanted
    ]


def _ambiguous(context: Context, sobject: SObject, matches: list[Record]) -> Answer:
    return Answer(status=300, body=[_url(context, sobject, each) for each in matches])


def get_by_external_id(context: Context, name: str, field: str, value: str) -> Answer:
    sobject = context.sobject(name)
    matches = _matches(context, sobject, field, value)
    if len(matches) > 1:
        return _ambiguous(context, sobject, matches)
    if not matches:
        raise not_found()
    return get_record(context, name, matches[0]["Id"])


def upsert(context: Context, name: str, field: str, value: str) -> Answer:
    """Change the one record that has this value, or create it: 200 or 201 with `created`."""
    sobject = context.sobject(name)
    matches = _matches(context, sobject, field, value)
    if len(matches) > 1:
        return _ambiguous(context, sobject, matches)
    values = context.call.json_object()
    if not matches:
        known = sobject.field(field)
        answer = _create(context, sobject, values | {known.name if known else field: value})
        return Answer(status=201, body=answer.body | {"created": True}, headers=answer.headers)
    record = _existing(context, sobject, matches[0]["Id"], "edit")
    _change(context, sobject, record, values)
    body = {"id": record["Id"], "success": True, "errors": [], "created": False}
    return Answer(body=body)
