"""One access review: every decision, its signature, and what was proven gone."""

from uuid import UUID

from django.db.models import QuerySet

from apps.evidence.purposes.purpose import Part, Purpose, Subject
from apps.evidence.sections import controls, ledger, one_review
from apps.evidence.sections.window import Window
from apps.ledger.models import Event
from apps.reviews.models import Campaign, Item

MOST_LISTED = 200


def _events(_window: Window, subject: UUID | None) -> QuerySet[Event]:
    """What was recorded about the review and about each of its items."""
    if subject is None:
        return Event.objects.none()
    items = Item.objects.filter(campaign_id=subject).values_list("pk", flat=True)
    events: QuerySet[Event] = Event.objects.filter(
        target_id__in=[str(subject), *(str(pk) for pk in items)]
    )
    return events


def _subject(campaign: Campaign) -> Subject:
    org = campaign.connection.name
    return Subject(
        id=campaign.pk,
        name=campaign.name if org in campaign.name else f"{campaign.name}, {org}",
        first=campaign.opened_at.date(),
        last=campaign.ended_at.date() if campaign.ended_at else None,
    )


def _subjects() -> list[Subject]:
    rows = Campaign.objects.select_related("connection").order_by("-opened_at", "-id")
    return [_subject(campaign) for campaign in rows[:MOST_LISTED]]


def _find(subject_id: UUID) -> Subject | None:
    campaign = Campaign.objects.select_related("connection").filter(pk=subject_id).first()
    return _subject(campaign) if campaign else None


PURPOSE = Purpose(
    code="access-review",
    parts=(
        Part("one_review", one_review.write, "reviews.heading"),
        Part("controls", controls.write, "controls.heading"),
        Part("ledger", ledger.write, "ledger.heading"),
    ),
    events=_events,
    subjects=_subjects,
    find_subject=_find,
)
