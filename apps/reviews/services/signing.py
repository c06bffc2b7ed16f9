"""From a typed code to a signed review: the one way in for the page and the API."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.common.errors import Conflict
from apps.reviews import policies, selectors
from apps.reviews.models import Campaign
from apps.reviews.services.finishing import FINISH, finish_review, require_answers


@transaction.atomic
def sign_review(
    *,
    actor: User,
    campaign_id: UUID,
    code: str,
    seen: str,
    now: datetime,
    silence_is_kept: bool = False,
) -> Campaign:
    """Turn a code into a factor for what was seen, and finish the review with it.

    `seen` is the digest that the preview showed. What can be refused without a code is refused
    before the code is spent. Raises what `finish_review` raises, `WrongCode`, and `Conflict` when
    a decision was made since the preview.
    """
    campaign = selectors.lock_campaign_for(actor=actor, campaign_id=campaign_id)
    policies.may_finish(actor=actor, campaign=campaign).require()
    shown = selectors.preview_finish(campaign)
    if seen != shown.digest:
        raise Conflict("Decisions were made since you looked. Read the list below again.")
    require_answers(shown, actor=actor, silence_is_kept=silence_is_kept)
    subject = selectors.preview_finish(campaign, silence_is_kept=silence_is_kept).digest
    factor = accounts.prove(user=actor, code=code, decision=FINISH, subject=subject, now=now)
    return finish_review(
        actor=actor,
        campaign_id=campaign_id,
        factor=factor,
        now=now,
        silence_is_kept=silence_is_kept,
    )
