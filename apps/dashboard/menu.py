"""The menu, by role: an entry shows only to those who may open its page."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from apps.accounts.models import User
from apps.common.routes import address_for
from apps.tenancy import selectors as tenancy


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. Who sees it is the policy of the page it opens."""

    words: str
    url_name: str
    icon: str


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("", (Entry("Overview", "dashboard:home", "house"),)),
    (
        "Access",
        (
            Entry("Orgs", "crm:connections", "cloud"),
            Entry("Apps & scopes", "posture:apps", "app-window"),
            Entry("Service accounts", "posture:service-accounts", "users"),
            Entry("Findings", "posture:findings", "triangle-alert"),
            Entry("Metadata scans", "posture:scans", "search"),
            Entry("Changes", "changes:proposals", "pencil"),
            Entry("Event logs", "crm:logs", "eye"),
            Entry("Reviews", "reviews:campaigns", "list-checks"),
        ),
    ),
    (
        "Data",
        (
            Entry("Sync jobs", "sync:jobs", "refresh-cw"),
            Entry("Zones & policy", "residency:policy", "globe"),
            Entry("Endpoints", "llm:endpoints", "server"),
        ),
    ),
    ("Emergency", (Entry("Emergency access", "breakglass:requests", "siren"),)),
    (
        "Evidence",
        (
            Entry("Ledger", "ledger:events", "scroll-text"),
            Entry("Packs", "evidence:packs", "package-check"),
            Entry("Controls", "evidence:controls", "shield-check"),
        ),
    ),
    (
        "Admin",
        (
            Entry("People", "tenancy:members", "users"),
            Entry("API tokens", "custody:tokens", "key-round"),
            Entry("Keys", "custody:keys", "lock"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar's groups for this person."""
    held: frozenset[str] = getattr(request, "powers", frozenset())
    groups = []
    for title, entries in GROUPS:
        items = [_item(request, entry, held) for entry in entries]
        groups.append({"title": title, "items": [item for item in items if item]})
    return groups


def tenant_switcher(request: HttpRequest) -> list[dict[str, Any]]:
    """The person's tenants, the one they work in marked. Their links are for POST."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_verified():  # type: ignore[attr-defined]
        return []
    current = getattr(request, "tenant_id", None)
    return [
        {
            "title": tenant.name,
            "link": reverse("tenancy:switch", args=[tenant.pk]),
            "attrs": {"current": tenant.pk == current},
        }
        for tenant in tenancy.list_tenants_of(user)
    ]


def _item(request: HttpRequest, entry: Entry, held: frozenset[str]) -> dict[str, Any] | None:
    link = address_for(held, entry.url_name)
    if not link:
        return None
    here = request.path == link if link == "/" else request.path.startswith(link)
    return {"title": entry.words, "link": link, "icon": entry.icon, "active": here}
