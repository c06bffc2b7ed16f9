"""Writing one record on behalf of a resource that carries many."""

import json
from dataclasses import dataclass, replace
from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.rest import records
from apps.sandbox.rest.context import Context
from apps.sandbox.wire import Answer


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one record; `error` is None when it was written."""

    record_id: str | None = None
    created: bool = False
    error: ApiError | None = None


@dataclass(frozen=True, kw_only=True)
class Write:
    """One record to write: `operation` is insert, update, upsert or delete."""

    operation: str
    sobject: str
    values: dict[str, Any]
    external_id: str = ""


def write(context: Context, wanted: Write) -> Outcome:
    """Write one record; a refusal is an outcome, not an exception."""
    try:
        return _write(context, wanted)
    except ApiError as error:
        return Outcome(error=error)


def locked(context: Context) -> Outcome | None:
    """The refusal of a bulk row that somebody else holds, when that fault is on."""
    if not context.org.faults.strikes_inside("lock_bulk_row", context.call):
        return None
    message = "unable to obtain exclusive access to this record or 200 records: 500Ma00000000001AAA"
    return Outcome(error=ApiError(400, "UNABLE_TO_LOCK_ROW", message))


def _write(context: Context, wanted: Write) -> Outcome:
    values = {key: value for key, value in wanted.values.items() if key.lower() != "attributes"}
    if wanted.operation == "insert":
        answer = records.create_record(_with(context, values), wanted.sobject)
        return Outcome(record_id=answer.body["id"], created=True)
    by_id = wanted.external_id.lower() in {"", "id"}
    if wanted.operation == "upsert" and not by_id:
        return _upserted(context, wanted, values)
    record_id = _taken(values, "Id")
    if wanted.operation == "upsert" and not record_id:
        return _write(context, replace(wanted, operation="insert", values=values))
    if not record_id:
        raise ApiError(400, "MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
    if wanted.operation == "delete":
        records.delete_record(context, wanted.sobject, record_id)
    else:
        records.update_record(_with(context, values), wanted.sobject, record_id)
    return Outcome(record_id=record_id)


def _upserted(context: Context, wanted: Write, values: dict[str, Any]) -> Outcome:
    key = _taken(values, wanted.external_id)
    if not key:
        message = f"{wanted.external_id} not specified"
        raise ApiError(400, "MISSING_ARGUMENT", message, fields=[wanted.external_id])
    answer = records.upsert(_with(context, values), wanted.sobject, wanted.external_id, key)
    if answer.status == 300:
        message = f"{wanted.external_id}: more than one record found for external id field"
        raise ApiError(300, "DUPLICATE_EXTERNAL_ID", message, fields=[wanted.external_id])
    return Outcome(record_id=answer.body["id"], created=answer.body["created"])


def _taken(values: dict[str, Any], name: str) -> str:
    for key in list(values):
        if key.lower() == name.lower():
            return str(values.pop(key) or "")
    return ""


def _with(context: Context, values: dict[str, Any]) -> Context:
    return replace(context, call=replace(context.call, body=json.dumps(values).encode()))


def save_result(outcome: Outcome, *, upsert: bool = False) -> dict[str, Any]:
    """A SaveResult as collections tell it: errors carry `statusCode`, not `errorCode`."""
    if outcome.error is not None:
        error = outcome.error
        told = {"statusCode": error.code, "message": error.message, "fields": error.fields or []}
        return {"success": False, "errors": [told]}
    result: dict[str, Any] = {"id": outcome.record_id, "success": True, "errors": []}
    return result | {"created": outcome.created} if upsert else result


def empty(status: int) -> Answer:
    """An answer with a status and no body."""
    return Answer(status=status, body="", content_type="text/plain;charset=UTF-8")
