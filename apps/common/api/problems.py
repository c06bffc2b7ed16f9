"""Errors of the API as RFC 9457 problem details with stable codes."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.common.api.parsers import TooLarge
from apps.common.errors import Denied, DomainError, Invalid
from apps.common.scope import is_scope_open

CONTENT_TYPE = "application/problem+json"


def document(error: DomainError) -> dict[str, Any]:
    """The problem document of one of our errors."""
    problem: dict[str, Any] = {
        "type": f"urn:bailiwick:error:{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.message,
    }
    if error.field:
        problem["errors"] = [{"field": error.field, "detail": error.message}]
    if isinstance(error, Denied):
        problem["rule"] = error.rule
    return problem


def response(error: DomainError) -> JsonResponse:
    """The answer of an edge that is no DRF view (the gate, for instance)."""
    return JsonResponse(document(error), status=error.status, content_type=CONTENT_TYPE)


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: our errors, and DRF's own in the same form."""
    if isinstance(exc, DomainError):
        note_failure(context["request"]._request, exc)
        return Response(document(exc), status=exc.status, content_type=CONTENT_TYPE)
    if isinstance(exc, RequestDataTooBig):
        exc = TooLarge()
    answer = exception_handler(exc, context)
    if answer is None:
        return None
    answer.data = _from_drf(exc, answer)
    answer.content_type = CONTENT_TYPE
    return answer


def note_failure(request: HttpRequest, error: DomainError) -> None:
    """Undo what the request did; the scope middleware records the refusal afterwards."""
    if is_scope_open():
        transaction.set_rollback(True)
    request.__dict__["failure"] = error


def _from_drf(exc: Exception, answer: Response) -> dict[str, Any]:
    code = exc.default_code if isinstance(exc, exceptions.APIException) else "not_found"
    problem: dict[str, Any] = {
        "type": f"urn:bailiwick:error:{code}",
        "title": answer.status_text,
        "status": answer.status_code,
        "code": code,
        "detail": answer.status_text,
    }
    if isinstance(exc, exceptions.ValidationError):
        problem["title"] = Invalid.title
        problem["detail"] = "Some fields need another look."
        problem["errors"] = _fields(exc.detail)
    elif isinstance(answer.data, dict) and "detail" in answer.data:
        problem["detail"] = str(answer.data["detail"])
    return problem


def _fields(detail: Any, prefix: str = "") -> list[dict[str, str]]:
    if isinstance(detail, dict):
        found: list[dict[str, str]] = []
        for key, value in detail.items():
            found += _fields(value, f"{prefix}.{key}" if prefix else str(key))
        return found
    items = detail if isinstance(detail, list) else [detail]
    flat = [item for item in items if not isinstance(item, dict | list)]
    nested = [
        row for item in items if isinstance(item, dict | list) for row in _fields(item, prefix)
    ]
    return [{"field": prefix, "detail": str(item)} for item in flat] + nested
