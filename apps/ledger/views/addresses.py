"""Addresses of the pages beside the one that is open."""

from django.http import HttpRequest

from apps.ledger.keyset import Page

CURSORS = ("before", "after")


def address(request: HttpRequest, *, without: str = "", **cursor: str) -> str:
    """This page's address with another cursor, or without one of its filters."""
    query = request.GET.copy()
    for name in (*CURSORS, without):
        query.pop(name, None)
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    for name, value in cursor.items():
        query[name] = value
    return f"?{query.urlencode()}"


def beside_addresses(request: HttpRequest, page: Page) -> dict[str, str]:
    """`older_url` and `newer_url`; empty where there is no such page."""
    return {
        "older_url": address(request, before=page.older) if page.older else "",
        "newer_url": address(request, after=page.newer) if page.newer else "",
    }
