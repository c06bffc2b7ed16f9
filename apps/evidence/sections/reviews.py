"""Access reviews: what was decided, and what a later read of the org proved gone."""

from collections import Counter

from django.db.models import Prefetch

from apps.evidence.pack.content import Bar, Chart, Checked, Finding, Result, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.results import worst
from apps.reviews.models import Campaign, CampaignState, Choice, Item, Remediation

MOST_ROWS = 400
DONE = (Remediation.VERIFIED_GONE, Remediation.OBJECT_MISSING)
UNDECIDED = ""


def write(brief: Brief) -> Section:
    """One row a campaign, one row a revocation; done means proven by a read, nothing less."""
    say = brief.say
    campaigns = list(
        Campaign.objects.filter(opened_at__lt=brief.window.end, opened_at__gte=brief.window.start)
        .select_related("connection")
        .prefetch_related(Prefetch("items", Item.objects.order_by("position")))
        .order_by("opened_at")
    )
    items = [(campaign, item) for campaign in campaigns for item in campaign.items.all()]
    revoked = [each for each in items if each[1].decision == Choice.REVOKE]
    checked = tuple(_checked(brief, campaign) for campaign in campaigns)
    exceptions = tuple(
        finding(brief, campaign, item) for campaign, item in revoked if item.remediation not in DONE
    )[:MOST_ROWS]
    gone = sum(item.remediation == Remediation.VERIFIED_GONE for _, item in revoked)
    return Section(
        heading=say("reviews.heading"),
        summary=say(
            "reviews.summary",
            reviews=say.counted(len(campaigns), "review"),
            revoked=say.counted(len(revoked), "grant"),
            gone=gone,
        ),
        result=worst(
            [*(c.result for c in checked), *(f.result for f in exceptions)], nothing="good"
        ),
        exceptions=exceptions,
        checked=checked,
        charts=(decisions(brief, [item for _, item in items]),) if items else (),
        tables=(_campaigns(brief, campaigns), revocations(brief, [item for _, item in revoked])),
    )


def _checked(brief: Brief, campaign: Campaign) -> Checked:
    counts = Counter(item.decision for item in campaign.items.all())
    said = ", ".join(
        f"{decision_words(brief, choice)} {brief.say.number(n)}"
        for choice, n in sorted(counts.items())
    )
    state = brief.say.choice("campaign", campaign.state, campaign.get_state_display())
    return Checked(
        what=brief.say("reviews.check", review=campaign.name, org=campaign.connection.name),
        by=brief.say("by.reviews"),
        result=result_of(campaign, counts),
        note=f"{state}; {said}"[:400],
    )


def result_of(campaign: Campaign, counts: Counter[str]) -> Result:
    """Good only for a closed review in which every grant was decided."""
    if campaign.state == CampaignState.CLOSED:
        return "good" if not counts[UNDECIDED] and not counts[Choice.NO_RESPONSE] else "attention"
    if campaign.state == CampaignState.CLOSED_WITH_EXCEPTIONS:
        return "attention"
    return "unknown"


def decision_words(brief: Brief, decision: str) -> str:
    """A decision in the pack's language; an open one as such."""
    if decision == UNDECIDED:
        return brief.say("reviews.undecided")
    return brief.say.choice("decision", decision, str(Choice(decision).label))


def decisions(brief: Brief, items: list[Item]) -> Chart:
    """How many grants were decided how."""
    counts = Counter(item.decision for item in items)
    return Chart(
        caption=brief.say("reviews.chart"),
        bars=tuple(
            Bar(label=decision_words(brief, choice), value=counts[choice])
            for choice in [*Choice.values, UNDECIDED]
            if counts[choice]
        ),
    )


def outcome_words(brief: Brief, item: Item) -> str:
    """How far a revocation is, in the pack's language; a dash before anybody decided."""
    if item.decision == UNDECIDED:
        return brief.say("common.dash")
    return brief.say.choice("remediation", item.remediation, item.get_remediation_display())


def finding(brief: Brief, campaign: Campaign, item: Item) -> Finding:
    """A revocation that is not proven done."""
    failed = item.remediation in {Remediation.FAILED, Remediation.REAPPEARED}
    withheld = item.remediation == Remediation.WITHHELD
    return Finding(
        what=brief.say(
            "reviews.finding", grant=item.label, who=item.subject_ref, review=campaign.name
        ),
        result="danger" if failed else "attention" if withheld else "unknown",
        detail=f"{outcome_words(brief, item)}. {item.remediation_words}".strip(),
    )


def _campaigns(brief: Brief, campaigns: list[Campaign]) -> Table:
    return Table(
        caption=brief.say("reviews.caption"),
        columns=brief.columns("reviews.columns"),
        rows=tuple(
            (
                campaign.name,
                campaign.connection.name,
                brief.moment(campaign.opened_at),
                brief.moment(campaign.due_at),
                str(len(campaign.items.all())),
                str(sum(item.decision == Choice.REVOKE for item in campaign.items.all())),
                brief.say.choice("campaign", campaign.state, campaign.get_state_display()),
            )
            for campaign in campaigns[:MOST_ROWS]
        ),
    )


def revocations(brief: Brief, revoked: list[Item]) -> Table:
    """One row a revocation, with the read that proved it."""
    return Table(
        caption=brief.say("reviews.revocations"),
        columns=brief.columns("reviews.revocation_columns"),
        rows=tuple(
            (
                f"{kind_words(brief, item)}: {item.label}",
                item.subject_ref,
                outcome_words(brief, item),
                brief.moment_or_dash(item.executed_at),
                brief.moment_or_dash(item.verified_at),
                item.read_requests[-1] if item.read_requests else brief.say("common.dash"),
            )
            for item in revoked[:MOST_ROWS]
        ),
    )


def kind_words(brief: Brief, item: Item) -> str:
    """What kind of grant it is, in the pack's language."""
    return brief.say.choice("grant_kind", item.kind, item.get_kind_display())
