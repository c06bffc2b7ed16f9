"""HTML pages of the console, in its shell, and the page that a refusal shows."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse

from apps.common.errors import Denied, DomainError


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    title: str,
    status: int = 200,
) -> TemplateResponse:
    """A page inside the console's shell: menus, tenant switcher, account."""
    shell = admin.site.each_context(request)
    return TemplateResponse(
        request, template, {**shell, "title": title, **(context or {})}, status=status
    )


def refusal_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """What was refused, by which rule, and what can be done.

    Where a failure of the database is the cause, nothing more can be read for the console's shell.
    """
    if isinstance(error.__cause__, DatabaseError):
        return render(request, "refused_plain.html", {"error": error}, status=error.status)
    rule = error.rule if isinstance(error, Denied) else ""
    context = {"error": error, "rule": rule, "came_from": _page_before(request)}
    return page(request, "refused.html", context, title=error.title, status=error.status).render()


def _page_before(request: HttpRequest) -> str:
    """The path of the console's page that led here; empty for any other way in."""
    before = urlsplit(request.headers.get("Referer", ""))
    elsewhere = before.netloc != request.get_host() or before.path.startswith("//")
    if elsewhere or before.path == request.path:
        return ""
    return before.path + (f"?{before.query}" if before.query else "")
