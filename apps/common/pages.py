"""HTML pages of the console, in its shell, and the page that a refusal shows."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
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
    """What was refused, by which rule, and what can be done."""
    context = {"error": error, "rule": error.rule if isinstance(error, Denied) else ""}
    return page(request, "refused.html", context, title=error.title, status=error.status).render()
