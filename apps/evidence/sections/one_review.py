"""One access review: every decision, who signed them, and what was proven gone."""

from collections import Counter

from apps.evidence.pack.content import Checked, Result, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.results import worst
from apps.evidence.sections.reviews import (
    DONE,
    MOST_ROWS,
    UNDECIDED,
    decision_words,
    decisions,
    finding,
    kind_words,
    outcome_words,
    result_of,
    revocations,
)
from apps.reviews.models import Campaign, Choice, Item, Remediation


def write(brief: Brief) -> Section:
    """The review as signed; a revocation counts only once a read has shown the grant gone."""
    say = brief.say
    rows = Campaign.objects.select_related("connection", "finished_by")
    campaign = rows.get(pk=brief.subject)
    items = list(campaign.items.order_by("position"))
    revoked = [item for item in items if item.decision == Choice.REVOKE]
    gone = sum(item.remediation == Remediation.VERIFIED_GONE for item in revoked)
    exceptions = tuple(
        finding(brief, campaign, item) for item in revoked if item.remediation not in DONE
    )[:MOST_ROWS]
    checked = _checked(brief, campaign, items, revoked)
    return Section(
        heading=say("one_review.heading", name=campaign.name),
        summary=say(
            "one_review.summary",
            org=campaign.connection.name,
            opened=brief.moment(campaign.opened_at),
            decided=sum(item.decision != UNDECIDED for item in items),
            items=len(items),
            revoked=len(revoked),
            gone=gone,
        ),
        result=worst([*(c.result for c in checked), *(f.result for f in exceptions)]),
        exceptions=exceptions,
        checked=checked,
        charts=(decisions(brief, items),) if items else (),
        tables=(_items(brief, items), revocations(brief, revoked)),
    )


def _checked(
    brief: Brief, campaign: Campaign, items: list[Item], revoked: list[Item]
) -> tuple[Checked, ...]:
    say, by = brief.say, brief.say("by.reviews")
    counts = Counter(item.decision for item in items)
    gone = sum(item.remediation in DONE for item in revoked)
    is_over = campaign.finished_by is not None  # before, nobody knows what is to be revoked
    all_gone: Result = "good" if is_over and gone == len(revoked) else "unknown"
    return (
        Checked(
            what=say("one_review.decided"),
            by=by,
            result=result_of(campaign, counts),
            note=say.choice("campaign", campaign.state, campaign.get_state_display()),
        ),
        Checked(
            what=say("one_review.signed"),
            by=by,
            result="good" if campaign.finished_by else "unknown",
            note=_signed(brief, campaign),
        ),
        Checked(
            what=say("one_review.gone"),
            by=by,
            result=all_gone,
            note=say("one_review.gone_note", gone=gone, revoked=len(revoked)),
        ),
    )


def _signed(brief: Brief, campaign: Campaign) -> str:
    if campaign.finished_by is None:
        return brief.say("one_review.not_signed")
    return brief.say(
        "one_review.signed_note",
        who=campaign.finished_by.name,
        at=brief.moment(campaign.finished_at),
        hash=campaign.decisions_hash[:16],
    )


def _items(brief: Brief, items: list[Item]) -> Table:
    return Table(
        caption=brief.say("one_review.items"),
        columns=brief.columns("one_review.item_columns"),
        rows=tuple(
            (
                f"{kind_words(brief, item)}: {item.label}",
                item.subject_ref,
                brief.say.choice("risk", item.risk, item.get_risk_display()),
                decision_words(brief, item.decision),
                outcome_words(brief, item),
            )
            for item in items[:MOST_ROWS]
        ),
    )
