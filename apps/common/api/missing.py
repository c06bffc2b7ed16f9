"""Addresses that do not exist: a problem document under /api/, a page elsewhere."""

from django.http import HttpRequest, HttpResponse
from django.views.defaults import page_not_found

from apps.common.api import problems
from apps.common.errors import NotFound


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler404`."""
    if request.path.startswith("/api/"):
        return problems.response(NotFound("There is no such address in the API."))
    return page_not_found(request, exception)
