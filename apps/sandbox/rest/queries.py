"""query, queryAll and the pages that follow."""

import re
from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.rest.columns import columns_of
from apps.sandbox.rest.context import Context
from apps.sandbox.soql.evaluate import Request, Result, run
from apps.sandbox.soql.parse import parse
from apps.sandbox.wire import Answer

LARGEST_BATCH, SMALLEST_BATCH, TOKEN_BATCH = 2000, 200, 500
_MOST_CURSORS = 100
_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
_LOCATOR = re.compile(r"(01g\w{15})-(\d+)")


def query(context: Context) -> Answer:
    return _query(context, include_deleted=False)


def query_all(context: Context) -> Answer:
    return _query(context, include_deleted=True)


def _query(context: Context, *, include_deleted: bool) -> Answer:
    text = context.call.query.get("q", "")
    if not text.strip():
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified")
    request = Request(
        org=context.org,
        user_id=context.user_id,
        now=context.call.now,
        base=context.base,
        tooling=context.tooling,
        include_deleted=include_deleted,
    )
    context.org.counts["queries"] += 1
    try:
        if context.call.query.get("columns", "").lower() == "true":
            return Answer(body=columns_of(request, parse(text)))
        result = run(request, parse(text))
    except RecursionError as error:
        raise ApiError(400, "MALFORMED_QUERY", "SOQL statement is too complex") from error
    if result.sobject == "OauthToken" and context.org.faults.strikes_inside(
        "truncated_tokens", context.call
    ):
        half = result.rows[: len(result.rows) // 2]
        result = Result(total=len(half), rows=half, sobject=result.sobject)
    return _first_page(context, result)


def _batch_size(context: Context, result: Result) -> int:
    largest = TOKEN_BATCH if result.sobject == "OauthToken" else LARGEST_BATCH
    match = _BATCH.search(context.call.headers.get("sforce-query-options", ""))
    asked = int(match[1]) if match else largest
    return min(max(asked, SMALLEST_BATCH), largest)


def _first_page(context: Context, result: Result) -> Answer:
    size = _batch_size(context, result)
    if len(result.rows) <= size:
        return Answer(body={"totalSize": result.total, "done": True, "records": result.rows})
    cursors = context.org.cursors
    while len(cursors) >= _MOST_CURSORS:
        del cursors[next(iter(cursors))]
    cursor_id = context.org.new_id("01g")
    cursors[cursor_id] = {"user": context.user_id, "rows": result.rows, "size": size}
    return Answer(body=_page(context, cursor_id, 0))


def _page(context: Context, cursor_id: str, start: int) -> dict[str, Any]:
    cursor = context.org.cursors[cursor_id]
    rows, end = cursor["rows"], start + cursor["size"]
    page: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows)}
    if not page["done"]:
        page["nextRecordsUrl"] = f"{context.base}/query/{cursor_id}-{end}"
    return page | {"records": rows[start:end]}


def query_more(context: Context, locator: str) -> Answer:
    """The page at a locator. Raises ApiError INVALID_QUERY_LOCATOR."""
    match = _LOCATOR.fullmatch(locator)
    cursor = context.org.cursors.get(match[1]) if match else None
    if match is None or cursor is None or cursor["user"] != context.user_id:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return Answer(body=_page(context, match[1], int(match[2])))
