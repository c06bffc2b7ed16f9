"""How a signed review comes to its end. `closed` needs a proof for every revocation."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.common.actors import ServiceActor
from apps.common.clock import not_before
from apps.common.errors import Conflict
from apps.common.text import require_text
from apps.ledger import services as ledger
from apps.reviews import policies, selectors
from apps.reviews.models import Campaign, CampaignState
from apps.reviews.selectors import Progress
from apps.reviews.services.campaigns import move

SERVICE = ServiceActor("reviews")


def settle(campaign: Campaign, *, now: datetime) -> Campaign:
    """Bring a signed, locked review to the state that its items warrant."""
    counts = selectors.progress_of(campaign)
    wanted = CampaignState.REMEDIATING if counts.queued else CampaignState.VERIFYING
    if campaign.state != wanted:
        move(campaign, wanted)
    if counts.unsettled or counts.exceptions:
        return campaign
    campaign.ended_at = now
    move(campaign, CampaignState.CLOSED)
    ledger.record(
        actor=SERVICE,
        action="reviews.campaign.closed",
        target=campaign,
        at=now,
        data=_told(counts),
    )
    return campaign


@transaction.atomic
def close_with_exceptions(*, actor: User, campaign_id: UUID, note: str, now: datetime) -> Campaign:
    """Close a review some of whose revocations are not proven, saying why.

    Raises `Denied`, `NotFound`, `Conflict` while a revocation is still under way, `Invalid`.
    """
    campaign = selectors.lock_campaign_for(actor=actor, campaign_id=campaign_id)
    policies.may_open(actor=actor, connection=campaign.connection).require()
    now = not_before(now)
    counts = selectors.progress_of(campaign)
    if counts.unsettled:
        raise Conflict(
            f"{counts.unsettled} revocations are still under way. Wait for them, then close."
        )
    campaign.ending_note = require_text(
        note, field="note", label="The reason", at_least=5, at_most=2000
    )
    campaign.ended_at = now
    move(campaign, CampaignState.CLOSED_WITH_EXCEPTIONS)
    ledger.record(
        actor=actor,
        action="reviews.campaign.closed_with_exceptions",
        target=campaign,
        at=now,
        data=_told(counts),
    )
    return campaign


def _told(counts: Progress) -> dict[str, int]:
    return {
        "proven_gone": counts.verified,
        "withheld": counts.withheld,
        "failed": counts.failed,
        "missing": counts.missing,
        "reappeared": counts.reappeared,
        "no_response": counts.no_response,
        "cannot_decide": counts.cannot_decide,
        "kept": counts.kept,
    }
