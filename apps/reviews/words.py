"""How reviews are put into words: the sentence on top, tones, and what a group means."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from apps.reviews.models import Campaign, CampaignState, Change, Choice, Item, Remediation, Risk
from apps.reviews.selectors import HIGH, LOW_AND_KNOWN, LOW_AND_NEW, MEDIUM, Progress

RISK_TONES = {Risk.HIGH: "danger", Risk.MEDIUM: "attention", Risk.LOW: "neutral"}
DECISION_TONES = {
    "": "neutral",
    Choice.KEEP: "good",
    Choice.REVOKE: "attention",
    Choice.CANNOT_DECIDE: "unknown",
    Choice.NO_RESPONSE: "unknown",
}
REMEDIATION_TONES = {
    Remediation.NOT_NEEDED: "neutral",
    Remediation.WITHHELD: "attention",
    Remediation.QUEUED: "neutral",
    Remediation.EXECUTED: "unknown",
    Remediation.VERIFIED_GONE: "good",
    Remediation.FAILED: "danger",
    Remediation.OBJECT_MISSING: "attention",
    Remediation.REAPPEARED: "danger",
}
STATE_TONES = {
    CampaignState.READY: "neutral",
    CampaignState.IN_REVIEW: "neutral",
    CampaignState.REMEDIATING: "attention",
    CampaignState.VERIFYING: "attention",
    CampaignState.CLOSED: "good",
    CampaignState.CLOSED_WITH_EXCEPTIONS: "attention",
    CampaignState.CANCELLED: "unknown",
}
GROUPS = {
    HIGH: "High risk",
    MEDIUM: "Medium risk",
    LOW_AND_NEW: "Low risk, new since the last review",
    LOW_AND_KNOWN: "Low risk, unchanged since the last review",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An item with the tones its row needs, and its account cut where a line may break."""

    item: Item
    account: list[str]
    risk_tone: str
    decision_words: str
    decision_tone: str
    remediation_tone: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one kind of risk; the quiet one is folded."""

    words: str
    folded: bool
    rows: list[Shown]


def shown(item: Item) -> Shown:
    """An item as a row."""
    return Shown(
        item=item,
        account=re.split(r"(?=[@.])", item.subject_name),
        risk_tone=RISK_TONES[Risk(item.risk)],
        decision_words=item.get_decision_display() if item.decision else "Undecided",
        decision_tone=DECISION_TONES[item.decision],
        remediation_tone=REMEDIATION_TONES[Remediation(item.remediation)],
    )


def grouped(items: Iterable[Item]) -> list[Group]:
    """Items of `list_items` in their groups, riskiest first."""
    return [
        Group(GROUPS[rank], rank == LOW_AND_KNOWN, [shown(item) for item in rows])
        for rank, rows in groupby(items, key=_rank)
    ]


def is_overdue(campaign: Campaign, *, now: datetime) -> bool:
    """Whether decisions are no longer taken though nobody signed yet."""
    return campaign.state == CampaignState.IN_REVIEW and campaign.due_at <= now


def sentence(campaign: Campaign, counts: Progress, *, now: datetime) -> str:
    """How a review stands."""
    if campaign.state == CampaignState.READY:
        return f"{_items(counts.total)} wait for the review to start."
    if is_overdue(campaign, now=now):
        return (
            f"Overdue: {counts.undecided} of {_items(counts.total)} have no decision, and none can"
            " be made any more. Sign to record them as unanswered."
        )
    if campaign.state == CampaignState.IN_REVIEW:
        if counts.undecided:
            return f"{counts.undecided} of {_items(counts.total)} are undecided."
        return f"All {_items(counts.total)} are decided. The review can be signed."
    if campaign.state == CampaignState.CANCELLED:
        return "Cancelled before it was signed. Nothing was revoked."
    return _ending(campaign, counts)


def _ending(campaign: Campaign, counts: Progress) -> str:
    if not counts.revoked:
        return f"Signed: nothing was to be revoked. {counts.kept} kept."
    proven = f"Proven gone by a read of the org: {counts.verified} of {counts.revoked}"
    if counts.unsettled:
        return f"{proven}. Under way: {counts.unsettled}."
    if counts.exceptions and campaign.state == CampaignState.VERIFYING:
        return f"{proven}. Waiting for you: {counts.exceptions}."
    if counts.exceptions:
        return f"{proven}. Exceptions: {counts.exceptions}."
    return f"{proven}."


def _rank(item: Item) -> int:
    if item.risk == Risk.LOW:
        return LOW_AND_KNOWN if item.change == Change.UNCHANGED else LOW_AND_NEW
    return HIGH if item.risk == Risk.HIGH else MEDIUM


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count:,} items"
