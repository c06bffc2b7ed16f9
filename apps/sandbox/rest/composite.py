"""Several requests in one call, each able to use the answers of those before it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from apps.sandbox.errors import ApiError
from apps.sandbox.rest.context import Context
from apps.sandbox.wire import Answer

MOST_REQUESTS = 25
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
Dispatch = Callable[[Context, str], Answer]


def composite(context: Context, dispatch: Dispatch) -> Answer:
    """Raises ApiError when the envelope is wrong; a failed part is told in the answer."""
    wanted = context.call.json_object()
    requests = wanted.get("compositeRequest")
    if not isinstance(requests, list) or not requests:
        raise ApiError(400, "JSON_PARSER_ERROR", "compositeRequest must be a list with requests")
    if not all(isinstance(each, dict) and each.get("referenceId") for each in requests):
        message = "Each entry of compositeRequest must be an object with a referenceId"
        raise ApiError(400, "JSON_PARSER_ERROR", message)
    if len(requests) > MOST_REQUESTS:
        message = f"Limit of {MOST_REQUESTS} requests exceeded in composite request"
        raise ApiError(400, "LIMIT_EXCEEDED", message)
    before = context.org.store.begin()
    parts: list[dict[str, Any]] = []
    try:
        for request in requests:
            parts.append(_part(context, request, parts, dispatch))
    except Exception:
        context.org.store.roll_back(before)
        raise
    failed = any(part["httpStatusCode"] >= 400 for part in parts)
    if wanted.get("allOrNone") and failed:
        context.org.store.roll_back(before)
        parts = [part if part["httpStatusCode"] >= 400 else _halted(part) for part in parts]
    else:
        context.org.store.commit()
    return Answer(body={"compositeResponse": parts})


def _halted(part: dict[str, Any]) -> dict[str, Any]:
    message = (
        "The transaction was rolled back since another operation in the same transaction failed."
    )
    body = ApiError(400, "PROCESSING_HALTED", message)
    halted = [{"errorCode": body.code, "message": body.message}]
    return part | {"body": halted, "httpHeaders": {}, "httpStatusCode": 400}


def _part(
    context: Context, request: dict[str, Any], parts: list[dict[str, Any]], dispatch: Dispatch
) -> dict[str, Any]:
    reference = str(request["referenceId"])
    try:
        answer = dispatch(*_inner(context, request, parts))
    except ApiError as error:
        answer = Answer(status=error.status, body=error.body())
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": reference,
    }


def _inner(
    context: Context, request: dict[str, Any], parts: list[dict[str, Any]]
) -> tuple[Context, str]:
    answers = {part["referenceId"]: part["body"] for part in parts}
    url = urlsplit(_filled(str(request.get("url", "")), answers))
    path = re.sub(r"/{2,}", "/", url.path).rstrip("/")
    if not path.startswith(f"{context.base}/"):
        raise ApiError(400, "INVALID_URI", f"The url must begin with {context.base}/")
    body = _filled(json.dumps(request.get("body") or {}), answers)
    call = replace(
        context.call,
        method=str(request.get("method", "GET")).upper(),
        path=path,
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        body=body.encode(),
    )
    return replace(context, call=call), path.removeprefix(context.base)


def _filled(text: str, answers: dict[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        found: Any = answers.get(match[1])
        for name, index in _STEP.findall(match[2]):
            try:
                found = found[name] if name else found[int(index)]
            except (KeyError, IndexError, TypeError) as error:
                message = f"Invalid reference specified. No value for {match[0]} found"
                raise ApiError(400, "PROCESSING_HALTED", message) from error
        return str(found)

    return _REFERENCE.sub(value, text)
