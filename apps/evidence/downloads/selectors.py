"""Reads of links: who was given one, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from apps.evidence.downloads.models import MOST_USES, DownloadGrant
from apps.evidence.models import Pack

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Link:
    """A link as people see it."""

    grant: DownloadGrant
    is_alive: bool
    words: str
    tone: str


def list_links(pack: Pack, *, now: datetime) -> list[Link]:
    """The newest links to a pack, with their holders, in one query."""
    rows = DownloadGrant.objects.filter(pack=pack).select_related("holder", "revoked_by")
    return [_link(grant, now) for grant in rows.order_by("-granted_at", "-id")[:MOST_SHOWN]]


def _link(grant: DownloadGrant, now: datetime) -> Link:
    if grant.revoked_at is not None:
        return Link(grant, False, "Withdrawn", "attention")
    if now >= grant.expires_at:
        return Link(grant, False, "Expired", "neutral")
    if grant.uses >= MOST_USES:
        return Link(grant, False, "Used up", "neutral")
    return Link(grant, True, "Open", "good")
