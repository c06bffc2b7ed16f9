"""Answers of the log in the forms that C2SP names, not in JSON: with ETag and caching."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
ALWAYS_ASK = "private, no-cache"
NEVER_CHANGES = "private, max-age=31536000, immutable"


class OneForm(BaseContentNegotiation):
    """Whatever the caller accepts: each address of a log has one form (C2SP tlog-tiles)."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        return parsers[0] if parsers else None

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class LogView(APIView):
    """One address of the open tenant's log."""

    content_negotiation_class = OneForm


def answer(request: Request, body: bytes, kind: str, *, caching: str) -> HttpResponseBase:
    """The body, or 304 when the caller has it already (RFC 9110, 13.1.2)."""
    etag = f'"{sha256(body).hexdigest()}"'
    response = HttpResponse(body, content_type=kind)
    response["Cache-Control"], response["ETag"] = caching, etag
    found = get_conditional_response(request._request, etag=etag, response=response)
    return found or response
