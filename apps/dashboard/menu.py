"""The menu, by role: an entry shows only when its power is held."""

from typing import Any

from django.http import HttpRequest


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's sidebar groups for this person."""
    return []


def tenant_switcher(request: HttpRequest) -> list[dict[str, Any]]:
    """The person's other tenants."""
    return []
