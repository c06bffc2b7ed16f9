"""Opening a review over a snapshot, starting it, cancelling it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.common.clock import not_before
from apps.common.errors import Conflict, Invalid
from apps.common.text import require_text
from apps.crm import selectors as crm
from apps.crm.models import Connection, Snapshot
from apps.ledger import services as ledger
from apps.reviews import policies, selectors
from apps.reviews.errors import NoReviewer, SnapshotUnfit
from apps.reviews.models import TRANSITIONS, Campaign, CampaignState, Item
from apps.reviews.population import Findings, Population
from apps.tenancy import selectors as tenants

FRESH_FOR = timedelta(hours=24)
LONGEST = timedelta(days=90)
_BATCH = 500


@transaction.atomic
def open_campaign(
    *,
    actor: User,
    snapshot_id: UUID,
    due_at: datetime,
    now: datetime,
    name: str = "",
    start: bool = True,
) -> Campaign:
    """Freeze everything a complete, fresh snapshot found into one review.

    Each item gets an independent reviewer. Raises `Denied`, `NotFound`, `SnapshotUnfit`,
    `NoReviewer`, `Invalid` (due_at, name) and `Conflict` while another review of the org runs.
    """
    snapshot = crm.get_snapshot_for(actor=actor, snapshot_id=snapshot_id)
    connection = snapshot.connection
    policies.may_open(actor=actor, connection=connection).require()
    now = not_before(now)
    _require_fit(snapshot, now=now)
    _require_due(due_at, now=now)
    campaign = _create(snapshot, actor=actor, due_at=due_at, now=now, name=name)
    items = _populate(campaign, connection, now=now)
    ledger.record(
        actor=actor,
        action="reviews.campaign.opened",
        target=campaign,
        at=now,
        data=_told(campaign, items),
    )
    return _start(campaign, actor=actor, now=now) if start else campaign


@transaction.atomic
def start_review(*, actor: User, campaign_id: UUID, now: datetime) -> Campaign:
    """Let reviewers decide. Raises `Denied`, `NotFound`, `Conflict`."""
    campaign = selectors.lock_campaign_for(actor=actor, campaign_id=campaign_id)
    policies.may_open(actor=actor, connection=campaign.connection).require()
    return _start(campaign, actor=actor, now=not_before(now))


@transaction.atomic
def cancel_review(*, actor: User, campaign_id: UUID, note: str, now: datetime) -> Campaign:
    """Give a review up before it was signed; decisions stay on record. Says why."""
    campaign = selectors.lock_campaign_for(actor=actor, campaign_id=campaign_id)
    policies.may_open(actor=actor, connection=campaign.connection).require()
    now = not_before(now)
    campaign.ending_note = require_text(
        note, field="note", label="The reason", at_least=5, at_most=2000
    )
    campaign.ended_at = now
    move(campaign, CampaignState.CANCELLED)
    ledger.record(actor=actor, action="reviews.campaign.cancelled", target=campaign, at=now)
    return campaign


def move(campaign: Campaign, state: str) -> None:
    """Save the campaign in another state. Raises `Conflict` where no way leads there."""
    if state not in TRANSITIONS[campaign.state]:
        raise Conflict(
            f"This review is {campaign.get_state_display().lower()}, so it cannot become "
            f"{CampaignState(state).label.lower()}."
        )
    campaign.state = state
    campaign.save()


def _start(campaign: Campaign, *, actor: User, now: datetime) -> Campaign:
    move(campaign, CampaignState.IN_REVIEW)
    ledger.record(actor=actor, action="reviews.campaign.started", target=campaign, at=now)
    return campaign


def _require_fit(snapshot: Snapshot, *, now: datetime) -> None:
    gaps = [_gap(source) for source in snapshot.sources if _has_gap(source)]
    if snapshot.state != Snapshot.State.COMPLETE or gaps or not snapshot.sources:
        what = " ".join(gaps) or "It did not finish."
        raise SnapshotUnfit(
            f"This snapshot does not hold everything. {what} Take a new one and review that.",
            field="snapshot",
        )
    read_at = snapshot.finished_at or snapshot.taken_at
    if now - read_at > FRESH_FOR:
        hours = int((now - read_at).total_seconds() // 3600)
        raise SnapshotUnfit(
            f"This snapshot is {hours} hours old; a review starts from one of the last"
            f" {int(FRESH_FOR.total_seconds() // 3600)} hours. Take a new one.",
            field="snapshot",
        )


def _has_gap(source: dict[str, Any]) -> bool:
    expected, read = source.get("expected"), source.get("read")
    told = source.get("state") != "complete" or bool(source.get("error"))
    return told or (expected is not None and read != expected)


def _gap(source: dict[str, Any]) -> str:
    name = source.get("label") or source.get("source")
    expected, read = source.get("expected"), source.get("read")
    if expected is None:
        return f"{name} could not be read in full."
    return f"{name}: {read or 0:,} of {expected:,} were read."


def _require_due(due_at: datetime, *, now: datetime) -> None:
    if due_at <= now:
        raise Invalid("The deadline has passed already. Choose a later one.", field="due_at")
    if due_at - now > LONGEST:
        raise Invalid("A review lasts at most 90 days. Choose an earlier day.", field="due_at")


def _create(
    snapshot: Snapshot, *, actor: User, due_at: datetime, now: datetime, name: str
) -> Campaign:
    connection = snapshot.connection
    words = name or f"{connection.name}, {now:%B %Y}"
    try:
        with transaction.atomic():
            campaign: Campaign = Campaign.objects.create(
                name=require_text(words, field="name", label="The name", at_most=120),
                connection=connection,
                snapshot=snapshot,
                snapshot_hash=snapshot.content_hash,
                opened_by=actor,
                opened_at=now,
                due_at=due_at,
            )
    except IntegrityError as error:
        if "one_review_of_an_org_at_a_time" not in str(error):
            raise
        raise Conflict(
            "A review of this org is still taking decisions. Finish or cancel it first."
        ) from error
    return campaign


def _populate(campaign: Campaign, connection: Connection, *, now: datetime) -> list[Item]:
    reviewers = policies.list_reviewers(connection)
    if not reviewers:
        raise NoReviewer(
            f"Nobody may review {connection.name}. Give a member the role Reviewer first.",
            field="reviewers",
        )
    before = selectors.last_closed(connection)
    seen = before.items.values_list("fingerprint", flat=True) if before else ()
    population = Population(
        campaign=campaign,
        connection=connection,
        findings=Findings(campaign.snapshot),
        reviewers=reviewers,
        people={
            member.user.email.casefold(): member.user.person_id for member in tenants.list_members()
        },
        seen_before=frozenset(seen),
        now=now,
    )
    items = population.items()
    if not items:
        raise SnapshotUnfit(
            "This snapshot found no tokens and no permissions, so there is nothing to review.",
            field="snapshot",
        )
    created: list[Item] = Item.objects.bulk_create(items, batch_size=_BATCH)
    return created


def _told(campaign: Campaign, items: list[Item]) -> dict[str, Any]:
    return {
        "snapshot": str(campaign.snapshot_id),
        "snapshot_hash": campaign.snapshot_hash,
        "connection": str(campaign.connection_id),
        "due_at": campaign.due_at.isoformat(),
        "items": len(items),
        "by_risk": dict(Counter(str(item.risk) for item in items)),
        "reviewers": sorted({str(item.reviewer_id) for item in items}),
    }
