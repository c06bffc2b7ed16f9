"""Deciding about items, one at a time or a group of unchanged, low-risk ones."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from apps.accounts.models import User
from apps.common.clock import not_before
from apps.common.errors import Invalid
from apps.common.text import require_text
from apps.ledger import services as ledger
from apps.reviews import policies, selectors
from apps.reviews.errors import ReviewOver
from apps.reviews.models import Campaign, CampaignState, Change, Choice, Decision, Item, Risk

BY_PEOPLE = (Choice.KEEP, Choice.REVOKE, Choice.CANNOT_DECIDE)
NOTE_AT_MOST = 2000
LONGEST_LOOK_SECONDS = 24 * 3600


@transaction.atomic
def decide(
    *,
    actor: User,
    item_id: UUID,
    decision: str,
    now: datetime,
    note: str = "",
    seconds: int | None = None,
) -> Item:
    """Decide about one grant; deciding again adds to its history and the newest counts.

    `seconds` is how long the page was open. Raises `Denied` (own grant, no rights), `NotFound`,
    `ReviewOver` (late, or not in review), `Invalid` (decision, note).
    """
    found = selectors.get_item_for(actor=actor, item_id=item_id)
    campaign = selectors.lock_campaign_for(actor=actor, campaign_id=found.campaign_id)
    item: Item = Item.objects.select_related("campaign__connection").get(pk=item_id)
    policies.may_decide(actor=actor, item=item).require()
    now = not_before(now)
    require_open(campaign, now=now)
    words = _checked_note(decision, note)
    return _record(
        item, actor=actor, choice=decision, note=words, now=now, seconds=_checked(seconds)
    )


@transaction.atomic
def keep_unchanged(*, actor: User, campaign_id: UUID, now: datetime) -> int:
    """Keep every undecided low-risk grant that the last review saw unchanged; returns how many.

    High and medium risk are never decided in bulk. One batch id marks them. Own grants are left.
    """
    campaign = selectors.lock_campaign_for(actor=actor, campaign_id=campaign_id)
    policies.may_review(actor=actor, connection=campaign.connection).require()
    now = not_before(now)
    require_open(campaign, now=now)
    rows = campaign.items.select_related("campaign__connection").filter(
        decision="", risk=Risk.LOW, change=Change.UNCHANGED
    )
    batch_id = uuid4()
    mine = [item for item in rows if policies.may_judge_subject(actor=actor, item=item).allowed]
    for item in mine:
        _record(item, actor=actor, choice=Choice.KEEP, note="", now=now, batch_id=batch_id)
    return len(mine)


def require_open(campaign: Campaign, *, now: datetime) -> None:
    """Raise `ReviewOver` unless the review takes decisions at this time (database time)."""
    if campaign.state != CampaignState.IN_REVIEW:
        raise ReviewOver(
            f"This review is {campaign.get_state_display().lower()}; it takes no decisions."
        )
    if now >= campaign.due_at:
        raise ReviewOver(
            f"Decisions were due by {campaign.due_at:%Y-%m-%d %H:%M %Z}. Undecided items can now"
            " only be recorded as unanswered when the review is signed."
        )


def _checked_note(decision: str, note: str) -> str:
    if decision not in BY_PEOPLE:
        raise Invalid(f"Choose one of {', '.join(BY_PEOPLE)}.", field="decision")
    if decision == Choice.KEEP and not note.strip():
        return ""
    return require_text(note, field="note", label="The note", at_least=5, at_most=NOTE_AT_MOST)


def _checked(seconds: int | None) -> int | None:
    return None if seconds is None else min(max(seconds, 0), LONGEST_LOOK_SECONDS)


def _record(
    item: Item,
    *,
    actor: User,
    choice: str,
    note: str,
    now: datetime,
    seconds: int | None = None,
    batch_id: UUID | None = None,
) -> Item:
    entry = Decision.objects.create(
        item=item, choice=choice, note=note, by=actor, at=now, seconds=seconds, batch_id=batch_id
    )
    item.decision = choice
    item.save(update_fields=["decision"])
    ledger.record(
        actor=actor,
        action="reviews.item.decided",
        target=item,
        at=now,
        data={
            "campaign": str(item.campaign_id),
            "decision_id": str(entry.pk),
            "decision": choice,
            "risk": str(item.risk),
            "seconds": seconds,
            "batch": str(batch_id) if batch_id else None,
        },
    )
    return item
