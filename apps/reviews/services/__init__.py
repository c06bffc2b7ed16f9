"""The verbs of reviews, by what they are about."""

from apps.reviews.services.campaigns import cancel_review, open_campaign, start_review
from apps.reviews.services.closing import close_with_exceptions, settle
from apps.reviews.services.deciding import decide, keep_unchanged
from apps.reviews.services.finishing import FINISH, finish_review
from apps.reviews.services.retrying import retry_item
from apps.reviews.services.signing import sign_review

__all__ = [
    "FINISH",
    "cancel_review",
    "close_with_exceptions",
    "decide",
    "finish_review",
    "keep_unchanged",
    "open_campaign",
    "retry_item",
    "settle",
    "sign_review",
    "start_review",
]
