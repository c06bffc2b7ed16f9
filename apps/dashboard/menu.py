"""The menu, by role: an entry shows only when its power is held."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from apps.accounts.models import User
from apps.common import powers
from apps.tenancy import selectors as tenancy


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: words, the URL's name, who may see it, and its icon."""

    words: str
    url_name: str
    power: str
    icon: str


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("", (Entry("Overview", "dashboard:home", powers.READ_OVERVIEW, "house"),)),
    (
        "Access",
        (
            Entry("Orgs", "crm:connections", powers.READ_APPS, "cloud"),
            Entry("Apps & scopes", "posture:apps", powers.READ_APPS, "app-window"),
            Entry("Reviews", "reviews:campaigns", powers.READ_REVIEWS, "list-checks"),
        ),
    ),
    (
        "Data",
        (
            Entry("Sync jobs", "sync:jobs", powers.READ_SYNC, "refresh-cw"),
            Entry("Zones & policy", "residency:policy", powers.READ_OVERVIEW, "globe"),
            Entry("Endpoints", "llm:endpoints", powers.READ_OVERVIEW, "server"),
        ),
    ),
    ("Emergency", (Entry("Access", "breakglass:requests", powers.READ_EMERGENCY, "siren"),)),
    (
        "Evidence",
        (
            Entry("Ledger", "ledger:events", powers.READ_LEDGER, "scroll-text"),
            Entry("Packs", "evidence:packs", powers.EXPORT, "package-check"),
        ),
    ),
    (
        "Admin",
        (
            Entry("People", "tenancy:members", powers.MANAGE_MEMBERS, "users"),
            Entry("API tokens", "custody:tokens", powers.MANAGE_API_TOKENS, "key-round"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar's groups for this person; an entry needs its power and an address."""
    held: frozenset[str] = getattr(request, "powers", frozenset())
    groups = []
    for title, entries in GROUPS:
        items = [_item(request, entry) for entry in entries if entry.power in held]
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


def address_of(url_name: str, *args: object) -> str:
    """Where a page is, or an empty text while this installation has no such page."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


def _item(request: HttpRequest, entry: Entry) -> dict[str, Any] | None:
    link = address_of(entry.url_name)
    if not link:
        return None
    here = request.path == link if link == "/" else request.path.startswith(link)
    return {"title": entry.words, "link": link, "icon": entry.icon, "active": here}
