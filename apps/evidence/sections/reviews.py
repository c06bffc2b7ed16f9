"""Access reviews: what was decided, and what a later read of the org proved gone."""

from collections import Counter

from django.db.models import Prefetch

from apps.evidence.pack.content import Checked, Finding, Result, Section, Table
from apps.evidence.sections.results import worst
from apps.evidence.sections.window import Window, day_and_time
from apps.evidence.sections.words import counted
from apps.reviews.models import Campaign, CampaignState, Choice, Item, Remediation

MOST_ROWS = 400
DONE = (Remediation.VERIFIED_GONE, Remediation.OBJECT_MISSING)


def write(window: Window) -> Section:
    """One row a campaign, one row a revocation; done means proven by a read, nothing less."""
    campaigns = list(
        Campaign.objects.filter(opened_at__lt=window.end, opened_at__gte=window.start)
        .select_related("connection")
        .prefetch_related(Prefetch("items", Item.objects.order_by("position")))
        .order_by("opened_at")
    )
    revoked = [
        (campaign, item)
        for campaign in campaigns
        for item in campaign.items.all()
        if item.decision == Choice.REVOKE
    ]
    checked = tuple(_checked(campaign) for campaign in campaigns)
    exceptions = tuple(
        _finding(campaign, item) for campaign, item in revoked if item.remediation not in DONE
    )[:MOST_ROWS]
    gone = sum(item.remediation == Remediation.VERIFIED_GONE for _, item in revoked)
    return Section(
        heading="Access reviews",
        summary=(
            f"{counted(len(campaigns), 'review')} opened. To be revoked: "
            f"{counted(len(revoked), 'grant')}; proven gone by reading the org again: {gone}."
        ),
        result=worst(
            [*(c.result for c in checked), *(f.result for f in exceptions)], nothing="good"
        ),
        exceptions=exceptions,
        checked=checked,
        tables=(_decisions(campaigns), _revocations(revoked)),
    )


def _checked(campaign: Campaign) -> Checked:
    counts = Counter(item.decision or "undecided" for item in campaign.items.all())
    note = ", ".join(f"{choice} {count}" for choice, count in sorted(counts.items()))
    return Checked(
        what=f"{campaign.name}: every grant of {campaign.connection.name} decided",
        by="reviews service",
        result=_result(campaign, counts),
        note=f"{campaign.get_state_display()}; {note}"[:400],
    )


def _result(campaign: Campaign, counts: Counter[str]) -> Result:
    if campaign.state == CampaignState.CLOSED:
        return "good" if not counts["undecided"] and not counts["no_response"] else "attention"
    if campaign.state == CampaignState.CLOSED_WITH_EXCEPTIONS:
        return "attention"
    return "unknown"


def _finding(campaign: Campaign, item: Item) -> Finding:
    failed = item.remediation in {Remediation.FAILED, Remediation.REAPPEARED}
    withheld = item.remediation == Remediation.WITHHELD
    return Finding(
        what=f"{item.label} of {item.subject_ref} ({campaign.name})",
        result="danger" if failed else "attention" if withheld else "unknown",
        detail=f"{item.get_remediation_display()}. {item.remediation_words}".strip(),
    )


def _decisions(campaigns: list[Campaign]) -> Table:
    return Table(
        caption="Reviews",
        columns=("Review", "Org", "Opened", "Due", "Items", "Revoked", "State"),
        rows=tuple(
            (
                campaign.name,
                campaign.connection.name,
                day_and_time(campaign.opened_at),
                day_and_time(campaign.due_at),
                str(len(campaign.items.all())),
                str(sum(item.decision == Choice.REVOKE for item in campaign.items.all())),
                campaign.get_state_display(),
            )
            for campaign in campaigns[:MOST_ROWS]
        ),
    )


def _revocations(revoked: list[tuple[Campaign, Item]]) -> Table:
    return Table(
        caption="Revocations and their proof",
        columns=("Grant", "Account", "Outcome", "Carried out", "Proven by a read", "Request id"),
        rows=tuple(
            (
                f"{item.get_kind_display()}: {item.label}",
                item.subject_ref,
                item.get_remediation_display(),
                day_and_time(item.executed_at) if item.executed_at else "-",
                day_and_time(item.verified_at) if item.verified_at else "-",
                item.read_requests[-1] if item.read_requests else "-",
            )
            for _, item in revoked[:MOST_ROWS]
        ),
    )
