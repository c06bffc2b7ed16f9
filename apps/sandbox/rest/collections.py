"""sObject collections: up to 200 records of several types in one call."""

from collections.abc import Callable
from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.rest import records
from apps.sandbox.rest.context import Context
from apps.sandbox.rest.writing import Outcome, Write, save_result, write
from apps.sandbox.wire import Answer

MOST_RECORDS = 200
MOST_READ = 2000
MOST_TYPES = 10
_HALTED = ApiError(
    400,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone "
    "header",
)


def insert_many(context: Context) -> Answer:
    return _written(context, lambda row: _of(row, "insert"))


def update_many(context: Context) -> Answer:
    return _written(context, lambda row: _of(row, "update", id_name="id"))


def upsert_many(context: Context, sobject: str, external_id: str) -> Answer:
    def wanted(row: dict[str, Any]) -> Write:
        return Write(operation="upsert", sobject=sobject, values=row, external_id=external_id)

    return _written(context, wanted, upsert=True)


def read_many(context: Context, sobject: str) -> Answer:
    """`?ids=a,b&fields=c,d`, or the same as a body; a record that is not there is null."""
    if context.call.method == "POST":
        wanted = context.call.json_object()
    else:
        query = context.call.query
        wanted = {name: query.get(name, "").split(",") for name in ("ids", "fields")}
    lists = [wanted.get(name) for name in ("ids", "fields")]
    if not all(isinstance(each, list) and any(each) for each in lists):
        raise ApiError(400, "MISSING_ARGUMENT", "ids and fields must both be named")
    ids, fields = ([str(one).strip() for one in each or []] for each in lists)
    if len(ids) > MOST_READ:
        raise ApiError(400, "EXCEEDED_ID_LIMIT", f"Limit of {MOST_READ} records exceeded")
    return Answer(body=[_read(context, sobject, each, fields) for each in ids])


def _read(context: Context, sobject: str, record_id: str, fields: list[str]) -> Any:
    try:
        return records.read_record(context, sobject, record_id, fields=fields).body
    except ApiError as error:
        if error.code in {"NOT_FOUND", "MALFORMED_ID"}:
            return None
        raise


def delete_many(context: Context) -> Answer:
    """`?ids=a,b&allOrNone=true`; the type of a record follows from its id."""
    ids = [each for each in context.call.query.get("ids", "").split(",") if each]
    _check_count(ids)
    all_or_none = context.call.query.get("allOrNone", "").lower() == "true"
    writes = [
        Write(operation="delete", sobject=_type_of(context, each), values={"Id": each})
        for each in ids
    ]
    return _run(context, writes, all_or_none=all_or_none, upsert=False)


def _written(
    context: Context, wanted: Callable[[dict[str, Any]], Write], *, upsert: bool = False
) -> Answer:
    body = context.call.json_object()
    rows = body.get("records")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ApiError(400, "JSON_PARSER_ERROR", "records must be a list of objects")
    _check_count(rows)
    writes = [wanted(row) for row in rows]
    return _run(context, writes, all_or_none=bool(body.get("allOrNone")), upsert=upsert)


def _run(context: Context, writes: list[Write], *, all_or_none: bool, upsert: bool) -> Answer:
    if len({each.sobject for each in writes}) > MOST_TYPES:
        raise ApiError(400, "LIMIT_EXCEEDED", f"more than {MOST_TYPES} types in one request")
    before = context.org.store.begin()
    try:
        outcomes = [_locked(context) or write(context, each) for each in writes]
    except Exception:
        context.org.store.roll_back(before)
        raise
    if all_or_none and any(each.error for each in outcomes):
        context.org.store.roll_back(before)
        outcomes = [each if each.error else Outcome(error=_HALTED) for each in outcomes]
    else:
        context.org.store.commit()
    return Answer(body=[save_result(each, upsert=upsert) for each in outcomes])


def _locked(context: Context) -> Outcome | None:
    """The refusal of a record that somebody else holds, when that fault is on."""
    if not context.org.faults.strikes_inside("lock_collection_row", context.call):
        return None
    message = "unable to obtain exclusive access to this record or 1 records: 500Ma00000000001AAA"
    return Outcome(error=ApiError(400, "UNABLE_TO_LOCK_ROW", message, fields=[]))


def _of(row: dict[str, Any], operation: str, *, id_name: str = "") -> Write:
    attributes = row.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not name:
        message = "The attributes of each record must name its type"
        raise ApiError(400, "INVALID_TYPE", message)
    values = {("Id" if key.lower() == id_name else key): value for key, value in row.items()}
    return Write(operation=operation, sobject=str(name), values=values)


def _type_of(context: Context, record_id: str) -> str:
    for name in context.org.sobject_names():
        if context.org.record(name, record_id) is not None:
            return name
    return "Account"


def _check_count(rows: list[Any]) -> None:
    if not rows:
        raise ApiError(400, "MISSING_ARGUMENT", "The records to work on are missing")
    if len(rows) > MOST_RECORDS:
        message = f"Limit of {MOST_RECORDS} records exceeded"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message)
