"""Access reviews: how often, carried out, by whom."""

from datetime import datetime, timedelta

from django.db.models import F

from apps.crm.models import Connection
from apps.evidence.catalogue.checks.words import counted, named
from apps.evidence.catalogue.registry import Outcome, attention, check, danger, good, unknown
from apps.reviews.models import UNSETTLED, Campaign, CampaignState, Choice, Item, Remediation

MONTH = timedelta(days=35)  # a month and a few days of grace
PATIENCE = timedelta(days=7)
ENDED = (CampaignState.CLOSED, CampaignState.CLOSED_WITH_EXCEPTIONS)


@check(
    "REV-1", "reviewed-monthly", "Was each org reviewed within 35 days?", proof="reviews:campaigns"
)
def reviewed_monthly(now: datetime) -> Outcome:
    """The newest review of each org that ended with decisions."""
    orgs = Connection.objects.exclude(state=Connection.State.DISCONNECTED).order_by("name")
    names = dict(orgs.values_list("pk", "name"))
    if not names:
        return unknown("No org is connected, so there is nothing to review.")
    ended = Campaign.objects.filter(state__in=ENDED, connection__in=list(names))
    recent = set(ended.filter(ended_at__gte=now - MONTH).values_list("connection_id", flat=True))
    late = [name for pk, name in names.items() if pk not in recent]
    if late:
        return attention(f"No review ended within 35 days: {named(late)}.")
    return good(f"{counted(len(names), 'org')}, each reviewed within 35 days.")


@check(
    "REV-2", "revocations-proven", "Was each revoked right proven gone?", proof="reviews:campaigns"
)
def revocations_proven(now: datetime) -> Outcome:
    """Revocations that were decided: proven by a read, failed, or left lying."""
    rows = Item.objects.filter(decision=Choice.REVOKE).exclude(
        campaign__state=CampaignState.CANCELLED
    )
    back = rows.filter(remediation__in=(Remediation.FAILED, Remediation.REAPPEARED)).count()
    if back:
        return danger(f"{counted(back, 'right')} could not be revoked or came back.")
    stuck = rows.filter(remediation__in=UNSETTLED, campaign__finished_at__lt=now - PATIENCE).count()
    if stuck:
        return attention(f"{counted(stuck, 'revocation')} not proven a week after the decision.")
    done = rows.filter(
        remediation__in=(Remediation.VERIFIED_GONE, Remediation.OBJECT_MISSING)
    ).count()
    if not done:
        return unknown("No right was to be revoked, so there is nothing to judge.")
    return good(f"{counted(done, 'right')} to be revoked, each proven gone by a later read.")


@check(
    "REV-3",
    "nobody-reviews-themselves",
    "Does anybody decide about themselves?",
    proof="reviews:campaigns",
)
def no_self_review(now: datetime) -> Outcome:
    """Items whose reviewer is the person the right belongs to, and reviews past their date."""
    rows = Item.objects.exclude(campaign__state=CampaignState.CANCELLED)
    if not rows.exists():
        return unknown("Nothing has been reviewed yet.")
    own = rows.filter(subject_person=F("reviewer__person_id")).count()
    if own:
        return danger(f"Decided by the very person it is about: {counted(own, 'item')}.")
    open_states = (CampaignState.READY, CampaignState.IN_REVIEW)
    late = Campaign.objects.filter(state__in=open_states, due_at__lt=now).values_list(
        "name", flat=True
    )
    if late:
        return attention(f"Past the date: {named(list(late))}.")
    return good("Nobody decides about themselves, and no review is overdue.")
