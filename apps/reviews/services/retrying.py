"""Trying a failed revocation again, because a person asked for it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.common.clock import not_before
from apps.common.errors import Conflict
from apps.common.jobs import enqueue
from apps.ledger import services as ledger
from apps.reviews import policies, selectors
from apps.reviews.models import CampaignState, Item, Remediation
from apps.reviews.services.closing import settle
from apps.reviews.services.remediation import CHANGING


@transaction.atomic
def retry_item(*, actor: User, item_id: UUID, now: datetime) -> Item:
    """Queue a failed revocation once more. Raises `Denied`, `NotFound`, `Conflict`."""
    found = selectors.get_item_for(actor=actor, item_id=item_id)
    campaign = selectors.lock_campaign_for(actor=actor, campaign_id=found.campaign_id)
    policies.may_finish(actor=actor, campaign=campaign).require()
    now = not_before(now)
    item: Item = Item.objects.get(pk=item_id)
    at_work = campaign.state in {CampaignState.REMEDIATING, CampaignState.VERIFYING}
    if item.remediation != Remediation.FAILED or not at_work:
        raise Conflict("Only a failed revocation of a review that still runs can be tried again.")
    item.remediation = Remediation.QUEUED
    item.calls = item.reads = 0
    item.remediation_code, item.remediation_words = "", "Queued again."
    item.save(update_fields=CHANGING)
    ledger.record(
        actor=actor,
        action="reviews.item.revocation_requeued",
        target=item,
        at=now,
        data={"campaign": str(campaign.pk)},
    )
    enqueue("reviews.carry_out", item_id=item.pk)
    settle(campaign, now=now)
    return item
