"""Signing a review: one fresh factor over all decisions, then the revocations begin."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common.clock import not_before
from apps.common.jobs import enqueue
from apps.ledger import services as ledger
from apps.reviews import policies, selectors
from apps.reviews.errors import ReviewOver, Undecided
from apps.reviews.models import Campaign, CampaignState, Choice, Decision, Item, Remediation
from apps.reviews.selectors import Preview
from apps.reviews.services.campaigns import move
from apps.reviews.services.closing import settle

FINISH = "reviews.campaign.finish"


@transaction.atomic
def finish_review(
    *,
    actor: User,
    campaign_id: UUID,
    factor: FreshFactor,
    now: datetime,
    silence_is_kept: bool = False,
) -> Campaign:
    """Sign the decisions and queue exactly the revocations that the preview listed.

    The factor is for `selectors.preview_finish(…, silence_is_kept=…).digest`; one decision more
    and it no longer fits. With `silence_is_kept` undecided items are recorded as unanswered and
    their grants stay. Raises `Denied`, `NotFound`, `ReviewOver`, `Undecided`, `FactorRefused`.
    """
    campaign = selectors.lock_campaign_for(actor=actor, campaign_id=campaign_id)
    policies.may_finish(actor=actor, campaign=campaign).require()
    now = not_before(now)
    if campaign.state != CampaignState.IN_REVIEW:
        raise ReviewOver(f"This review is {campaign.get_state_display().lower()} already.")
    preview = selectors.preview_finish(campaign, silence_is_kept=silence_is_kept)
    require_answers(preview, actor=actor, silence_is_kept=silence_is_kept)
    accounts.spend_factor(
        factor=factor, user=actor, decision=FINISH, subject=preview.digest, now=now
    )
    _record_silence(preview.undecided, actor=actor, now=now)
    _withhold(preview.withheld, actor=actor, now=now)
    _queue(preview.revoke)
    campaign.finished_by, campaign.finished_at = actor, now
    campaign.decisions_hash = preview.digest
    move(campaign, CampaignState.REMEDIATING)
    ledger.record(
        actor=actor,
        action="reviews.campaign.finished",
        target=campaign,
        at=now,
        data=_told(preview),
    )
    return settle(campaign, now=now)


def require_answers(preview: Preview, *, actor: User, silence_is_kept: bool) -> None:
    """Raise `Undecided` for open items, and `Denied` where the actor's own would stay unjudged."""
    count = len(preview.undecided)
    if count and not silence_is_kept:
        raise Undecided(
            f"{count} {'item has' if count == 1 else 'items have'} no decision yet. Decide, or"
            " sign that they are recorded as unanswered and kept.",
            count=count,
        )
    for item in preview.undecided:
        policies.may_judge_subject(actor=actor, item=item).require()


def _record_silence(items: list[Item], *, actor: User, now: datetime) -> None:
    Decision.objects.bulk_create(
        Decision(item=item, choice=Choice.NO_RESPONSE, by=actor, at=now) for item in items
    )
    _update(items, decision=Choice.NO_RESPONSE)


def _withhold(items: list[Item], *, actor: User, now: datetime) -> None:
    _update(items, remediation=Remediation.WITHHELD)
    for item in items:
        data = {"campaign": str(item.campaign_id)}
        ledger.record(actor=actor, action="reviews.item.withheld", target=item, at=now, data=data)


def _queue(items: list[Item]) -> None:
    _update(items, remediation=Remediation.QUEUED)
    for item in items:
        enqueue("reviews.carry_out", item_id=item.pk)


def _update(items: list[Item], **values: str) -> None:
    Item.objects.filter(pk__in=[item.pk for item in items]).update(**values)


def _told(preview: Preview) -> dict[str, object]:
    return {
        "decisions_hash": preview.digest,
        "revoked": [str(item.pk) for item in preview.revoke],
        "withheld": [str(item.pk) for item in preview.withheld],
        "no_response": [str(item.pk) for item in preview.undecided],
        "kept": preview.kept,
        "cannot_decide": preview.cannot_decide,
    }
