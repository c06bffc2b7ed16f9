"""Reads of reviews. The `…_for` functions are the only doors to one row."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import rfc8785
from django.db import models
from django.db.models import Count, Q

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.crm.models import Connection
from apps.reviews.models import (
    Campaign,
    CampaignState,
    Choice,
    Decision,
    Item,
    Remediation,
)
from apps.tenancy import policies as tenancy

NO_CAMPAIGN = "There is no such review here."
NO_ITEM = "There is no such review item here."
HIGH, MEDIUM, LOW_AND_NEW, LOW_AND_KNOWN = range(4)
RANK = models.Case(
    models.When(risk="high", then=HIGH),
    models.When(risk="medium", then=MEDIUM),
    models.When(change="new", then=LOW_AND_NEW),
    default=LOW_AND_KNOWN,
    output_field=models.IntegerField(),
)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a review stands, in numbers of items."""

    total: int
    decided: int
    kept: int
    revoked: int
    cannot_decide: int
    no_response: int
    queued: int
    executed: int
    verified: int
    withheld: int
    failed: int
    missing: int
    reappeared: int

    @property
    def undecided(self) -> int:
        return self.total - self.decided

    @property
    def exceptions(self) -> int:
        """Revocations that did not end in a proof."""
        return self.withheld + self.failed + self.missing + self.reappeared

    @property
    def unsettled(self) -> int:
        """Revocations whose end is still open."""
        return self.queued + self.executed


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Exactly what signing would do; `digest` is what the second factor is given for."""

    revoke: list[Item]
    withheld: list[Item]
    undecided: list[Item]
    kept: int
    cannot_decide: int
    digest: str


def list_campaigns(*, actor: Actor) -> models.QuerySet[Campaign]:
    """The tenant's reviews, newest first, with `total`, `decided` and `high_open` counted."""
    tenancy.may(actor, powers.READ_REVIEWS).require()
    return (
        Campaign.objects.select_related("connection", "opened_by", "finished_by")
        .annotate(
            total=Count("items"),
            decided=Count("items", filter=~Q(items__decision="")),
            high_open=Count("items", filter=Q(items__decision="", items__risk="high")),
        )
        .order_by("-opened_at", "-id")
    )


def get_campaign_for(*, actor: Actor, campaign_id: UUID) -> Campaign:
    """One review of the open tenant. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_REVIEWS).require()
    related = ("connection", "snapshot", "opened_by", "finished_by")
    found: Campaign | None = (
        Campaign.objects.select_related(*related).filter(pk=campaign_id).first()
    )
    if found is None:
        raise NotFound(NO_CAMPAIGN)
    return found


def lock_campaign_for(*, actor: Actor, campaign_id: UUID) -> Campaign:
    """The same row, locked until the transaction ends."""
    get_campaign_for(actor=actor, campaign_id=campaign_id)
    rows = Campaign.objects.select_related("connection").select_for_update(of=("self",))
    locked: Campaign = rows.get(pk=campaign_id)
    return locked


def get_item_for(*, actor: Actor, item_id: UUID) -> Item:
    """One item of the open tenant with its review. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_REVIEWS).require()
    related = ("campaign__connection", "campaign__snapshot", "reviewer")
    found: Item | None = Item.objects.select_related(*related).filter(pk=item_id).first()
    if found is None:
        raise NotFound(NO_ITEM)
    return found


def list_items(campaign: Campaign) -> models.QuerySet[Item]:
    """A review's items in an order that never changes: riskiest first, known low risk last."""
    items: models.QuerySet[Item] = campaign.items.select_related("reviewer")
    return items.annotate(rank=RANK).order_by("rank", "position")


def items_after(items: models.QuerySet[Item], *, after: str, limit: int) -> tuple[list[Item], str]:
    """A page of `list_items` and the cursor of the next one, empty at the end.

    Cursors are `rank-position`; one that is none starts at the top.
    """
    rank, _, position = after.partition("-")
    if rank.isdecimal() and position.isdecimal() and len(after) < 12:
        later = Q(rank__gt=int(rank)) | Q(rank=int(rank), position__gt=int(position))
        items = items.filter(later)
    page = list(items[: limit + 1])
    if len(page) <= limit:
        return page, ""
    last = page[limit - 1]
    return page[:limit], f"{getattr(last, 'rank')}-{last.position}"  # noqa: B009


def beside(item: Item) -> tuple[UUID | None, UUID | None]:
    """The ids of the items before and after this one in the review's order."""
    ids = list(list_items(item.campaign).values_list("pk", flat=True))
    place = ids.index(item.pk)
    before = ids[place - 1] if place else None
    return before, ids[place + 1] if place + 1 < len(ids) else None


def next_undecided(item: Item, *, actor: User) -> UUID | None:
    """The next item without a decision after this one, else the first; the actor's own first."""
    open_items = list_items(item.campaign).filter(decision="").exclude(pk=item.pk)
    ids: list[tuple[UUID, UUID]] = list(open_items.values_list("pk", "reviewer_id"))
    mine = [pk for pk, reviewer_id in ids if reviewer_id == actor.pk]
    order = list(list_items(item.campaign).values_list("pk", flat=True))
    place = {pk: number for number, pk in enumerate(order)}
    candidates = mine or [pk for pk, _ in ids]
    later = [pk for pk in candidates if place[pk] > place[item.pk]]
    return next(iter(later or candidates), None)


def first_undecided(campaign: Campaign, *, actor: User) -> UUID | None:
    """Where a reviewer goes on: the actor's first item without a decision, else anybody's."""
    open_items = list_items(campaign).filter(decision="")
    mine = open_items.filter(reviewer=actor).values_list("pk", flat=True).first()
    return mine or open_items.values_list("pk", flat=True).first()


def count_known_low(campaign: Campaign) -> int:
    """Undecided items of low risk that the last review saw unchanged."""
    return campaign.items.filter(decision="", risk="low", change="unchanged").count()


def list_decisions(item: Item) -> models.QuerySet[Decision]:
    """Every decision about an item, newest first."""
    history: models.QuerySet[Decision] = item.decisions.select_related("by")
    return history.order_by("-at", "-recorded_at")


def progress_of(campaign: Campaign) -> Progress:
    """All counts of a review in one query."""
    named: dict[str, Q] = {
        "decided": ~Q(decision=""),
        "kept": Q(decision=Choice.KEEP),
        "revoked": Q(decision=Choice.REVOKE),
        "cannot_decide": Q(decision=Choice.CANNOT_DECIDE),
        "no_response": Q(decision=Choice.NO_RESPONSE),
        "queued": Q(remediation=Remediation.QUEUED),
        "executed": Q(remediation=Remediation.EXECUTED),
        "verified": Q(remediation=Remediation.VERIFIED_GONE),
        "withheld": Q(remediation=Remediation.WITHHELD),
        "failed": Q(remediation=Remediation.FAILED),
        "missing": Q(remediation=Remediation.OBJECT_MISSING),
        "reappeared": Q(remediation=Remediation.REAPPEARED),
    }
    counts = {name: Count("pk", filter=condition) for name, condition in named.items()}
    return Progress(**campaign.items.aggregate(total=Count("pk"), **counts))


def preview_finish(campaign: Campaign, *, silence_is_kept: bool = False) -> Preview:
    """What signing this review now would do, and the hash of every decision made so far."""
    items = list(list_items(campaign))
    revoke = [item for item in items if item.decision == Choice.REVOKE]
    return Preview(
        revoke=[item for item in revoke if not item.protected],
        withheld=[item for item in revoke if item.protected],
        undecided=[item for item in items if not item.decision],
        kept=sum(item.decision == Choice.KEEP for item in items),
        cannot_decide=sum(item.decision == Choice.CANNOT_DECIDE for item in items),
        digest=decisions_digest(campaign, items, silence_is_kept=silence_is_kept),
    )


def decisions_digest(campaign: Campaign, items: Sequence[Item], *, silence_is_kept: bool) -> str:
    """SHA-256 over the review, its snapshot, each item's standing decision and its history."""
    history = Decision.objects.filter(item__campaign=campaign).order_by("item__position", "at")
    told: dict[str, Any] = {
        "campaign": str(campaign.pk),
        "snapshot": campaign.snapshot_hash,
        "silence_is_kept": silence_is_kept,
        "items": [
            [str(item.pk), item.decision, bool(item.protected)]
            for item in sorted(items, key=lambda item: item.position)
        ],
        "history": [str(pk) for pk in history.values_list("pk", flat=True)],
    }
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def last_closed(connection: Connection) -> Campaign | None:
    """The newest review of an org that ran to its end."""
    ended = (CampaignState.CLOSED, CampaignState.CLOSED_WITH_EXCEPTIONS)
    found: Campaign | None = (
        Campaign.objects.filter(connection=connection, state__in=ended)
        .order_by("-ended_at")
        .first()
    )
    return found
