"""Access reviews that still need decisions."""

from apps.common import powers
from apps.dashboard import cards
from apps.dashboard.cards import Card, Empty, Line, Need, Reader
from apps.reviews import selectors as reviews
from apps.reviews.models import OPEN_STATES, Campaign, CampaignState

DECIDING = (CampaignState.READY, CampaignState.IN_REVIEW)


@cards.needs
def undecided(reader: Reader) -> list[Need]:
    """Reviews with open items, for those who decide."""
    if not {powers.DECIDE_REVIEW, powers.READ_REVIEWS} <= reader.powers:
        return []
    rows = reviews.list_campaigns(actor=reader.user).filter(state__in=DECIDING)
    return [
        Need(
            tone="danger" if review.due_at <= reader.now else "attention",
            kind="Review",
            words=f"{review.name}: {_left(review)} of {_total(review)} undecided",
            url=_address(reader, review),
            until=review.due_at,
        )
        for review in rows
        if _left(review)
    ]


@cards.card
def reviews_due(reader: Reader) -> Card | None:
    """Reviews that are not over yet."""
    if powers.READ_REVIEWS not in reader.powers:
        return None
    rows = reviews.list_campaigns(actor=reader.user).filter(state__in=OPEN_STATES)
    lines = tuple(_line(reader, review) for review in rows.order_by("due_at"))
    url = reader.address("reviews:campaigns")
    words = "No review is open. A review asks people to keep or revoke each way into an org."
    empty = Empty(words, reader.address("reviews:open"), "Open a review")
    return Card("Reviews", lines, empty, url=url, more="All reviews")


def _line(reader: Reader, review: Campaign) -> Line:
    if review.state not in DECIDING:
        return Line(review.name, "neutral", str(CampaignState(review.state).label))
    overdue = review.due_at <= reader.now
    left = _left(review)
    tone = "danger" if overdue else "attention" if left else "good"
    words = "overdue" if overdue else f"{left} undecided" if left else "decided"
    return Line(review.name, tone, words, url=_address(reader, review))


def _total(review: Campaign) -> int:
    return int(getattr(review, "total", 0))


def _left(review: Campaign) -> int:
    return _total(review) - int(getattr(review, "decided", 0))


def _address(reader: Reader, review: Campaign) -> str:
    return reader.address("reviews:campaign", review.pk) or reader.address("reviews:campaigns")
