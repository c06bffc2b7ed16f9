"""Revocations step by step. Each step is one short transaction; the org answers in between.

An intention is recorded before the call, so that a worker which dies in the middle leaves a trace:
whoever finds the grant gone afterwards knows that we may have done it ourselves.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.common.clock import not_before
from apps.common.jobs import enqueue
from apps.ledger import services as ledger
from apps.reviews.grants import Finding, Work
from apps.reviews.models import UNSETTLED, Campaign, CampaignState, Item, Remediation
from apps.reviews.services.closing import SERVICE, settle

MOST_CALLS = 4
MOST_READS = 5
PAUSES_SECONDS = (2, 10, 60, 300)
CLAIM_LASTS = timedelta(minutes=5)
STALLED_AFTER = timedelta(minutes=15)  # well beyond the longest pause and a claim
# Saved by name: what was judged is sealed and frozen, and sealing it anew would change it.
CHANGING = (
    "remediation",
    "remediation_code",
    "remediation_words",
    "claimed_until",
    "executed_at",
    "verified_at",
    "call_requests",
    "read_requests",
    "calls",
    "reads",
)
_AT_WORK = (CampaignState.REMEDIATING, CampaignState.VERIFYING)


@transaction.atomic
def claim(*, item_id: UUID, remediation: str, now: datetime) -> Work | None:
    """Take one item in this state for ourselves; None when it moved on or another has it.

    What was begun as often as is allowed and never came to an end is left as failed.
    """
    campaign, item = _locked(item_id)
    now = not_before(now)
    if item.remediation != remediation or campaign.state not in _AT_WORK or item.protected:
        return None
    if item.claimed_until is not None and item.claimed_until > now:
        left = (item.claimed_until - now).total_seconds()
        enqueue(_task_for(remediation), countdown=left + 1, item_id=item.pk)
        return None
    tries, most = _tries(item)
    if tries >= most:
        _fail(item, code="gave_up", words=f"Begun {tries} times and never ended.", now=now)
        settle(campaign, now=now)
        return None
    item.claimed_until = now + CLAIM_LASTS
    if remediation == Remediation.QUEUED:
        item.calls += 1
    else:
        item.reads += 1
    item.save(update_fields=["claimed_until", "calls", "reads"])
    return _work(item)


@transaction.atomic
def requeue_stalled(*, now: datetime) -> int:
    """Send again every step that nobody has worked on for a while; returns how many."""
    now = not_before(now)
    before = now - STALLED_AFTER
    waiting = Item.objects.filter(
        Q(claimed_until__isnull=True) | Q(claimed_until__lt=now),
        Q(called_at__isnull=True) | Q(called_at__lt=before),
        remediation__in=UNSETTLED,
        campaign__state__in=_AT_WORK,
        campaign__finished_at__lt=before,
    )
    rows = list(waiting.values_list("pk", "remediation"))
    for item_id, remediation in rows:
        enqueue(_task_for(remediation), item_id=item_id)
    return len(rows)


@transaction.atomic
def note_call(*, item_id: UUID, now: datetime) -> None:
    """Record that the org is about to be asked, before it is."""
    _, item = _locked(item_id)
    item.called_at = not_before(now)
    item.save(update_fields=["called_at"])
    _record(item, "reviews.item.revocation_sent", at=item.called_at)


@transaction.atomic
def note_executed(*, item_id: UUID, requests: list[str], now: datetime) -> None:
    """The org accepted the revocation. That is not yet a proof: a read is queued."""
    campaign, item = _locked(item_id)
    if item.remediation != Remediation.QUEUED:
        return
    item.executed_at = now = not_before(now)
    item.call_requests = requests
    item.reads = 0
    _set(item, Remediation.EXECUTED, code="", words="The org accepted it; a read will prove it.")
    _record(item, "reviews.item.revocation_executed", at=now, requests=requests)
    enqueue("reviews.verify", item_id=item.pk)
    settle(campaign, now=now)


@transaction.atomic
def note_missing(*, item_id: UUID, finding: Finding, requests: list[str], now: datetime) -> None:
    """The grant was gone before we ever asked: somebody or something else took it away."""
    campaign, item = _locked(item_id)
    if item.remediation != Remediation.QUEUED:
        return
    now = not_before(now)
    item.read_requests = requests
    if finding is Finding.REGRANTED:
        _set(item, Remediation.REAPPEARED, code="regranted", words=_REGRANTED)
        _record(item, "reviews.item.found_regranted", at=now, requests=requests)
    else:
        words = "It changed since the snapshot: the grant was gone before anything was done."
        _set(item, Remediation.OBJECT_MISSING, code="object_missing", words=words)
        _record(item, "reviews.item.found_missing", at=now, requests=requests)
    settle(campaign, now=now)


@transaction.atomic
def note_reading(*, item_id: UUID, finding: Finding, requests: list[str], now: datetime) -> None:
    """What a read after the call showed; only `GONE` is a proof."""
    campaign, item = _locked(item_id)
    if item.remediation != Remediation.EXECUTED:
        return
    now = not_before(now)
    item.read_requests = requests
    if finding is Finding.GONE:
        item.verified_at = now
        _set(item, Remediation.VERIFIED_GONE, code="", words="A read of the org shows it gone.")
        _record(item, "reviews.item.proven_gone", at=now, requests=requests)
    elif finding is Finding.REGRANTED:
        _set(item, Remediation.REAPPEARED, code="regranted", words=_REGRANTED)
        _record(item, "reviews.item.found_regranted", at=now, requests=requests)
    else:
        _note_present(item, now=now, requests=requests)
    settle(campaign, now=now)


@transaction.atomic
def note_trouble(*, item_id: UUID, code: str, words: str, retryable: bool, now: datetime) -> None:
    """A call or read that failed: tried again a few times, then left as failed with its words."""
    campaign, item = _locked(item_id)
    if item.remediation not in {Remediation.QUEUED, Remediation.EXECUTED}:
        return
    now = not_before(now)
    tries, most = _tries(item)
    if retryable and tries < most:
        _again(item, code=code, words=words, tries=tries)
        return
    _fail(item, code=code, words=words, now=now)
    settle(campaign, now=now)


_REGRANTED = "This grant is gone, but the same access was given again since the snapshot."


def _note_present(item: Item, *, now: datetime, requests: list[str]) -> None:
    _record(item, "reviews.item.found_present", at=now, requests=requests)
    words = f"The org said yes, but the grant was still there on read {item.reads}."
    if item.reads < MOST_READS:
        _again(item, code="still_present", words=words, tries=item.reads)
        return
    _fail(item, code="still_present", words=words, now=now)


def _fail(item: Item, *, code: str, words: str, now: datetime) -> None:
    _set(item, Remediation.FAILED, code=code, words=words)
    _record(item, "reviews.item.revocation_failed", at=now, code=code)


def _tries(item: Item) -> tuple[int, int]:
    """How often the present step was begun, and how often it may be."""
    if item.remediation == Remediation.QUEUED:
        return item.calls, MOST_CALLS
    return item.reads, MOST_READS


def _again(item: Item, *, code: str, words: str, tries: int) -> None:
    _set(item, item.remediation, code=code, words=words)
    pause = PAUSES_SECONDS[min(tries, len(PAUSES_SECONDS)) - 1]
    enqueue(_task_for(item.remediation), countdown=pause, item_id=item.pk)


def _task_for(remediation: str) -> str:
    return "reviews.carry_out" if remediation == Remediation.QUEUED else "reviews.verify"


def _locked(item_id: UUID) -> tuple[Campaign, Item]:
    """The campaign's row first, as everywhere, then the item as it is now."""
    campaign_id = Item.objects.values_list("campaign_id", flat=True).get(pk=item_id)
    campaign: Campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    item: Item = Item.objects.select_related("campaign").get(pk=item_id)
    return campaign, item


def _work(item: Item) -> Work:
    rows = Item.objects.filter(
        campaign_id=item.campaign_id, kind=item.kind, subject_ref=item.subject_ref
    )
    siblings = rows.filter(target_ref=item.target_ref).exclude(pk=item.pk)
    return Work(
        item_id=item.pk,
        connection_id=item.campaign.connection_id,
        kind=item.kind,
        subject_ref=item.subject_ref,
        target_ref=item.target_ref,
        handle=item.handle,
        siblings=frozenset(row.handle for row in siblings),
        was_called=item.called_at is not None,
    )


def _set(item: Item, remediation: str, *, code: str, words: str) -> None:
    item.remediation = remediation
    item.remediation_code, item.remediation_words = code, words[:500]
    item.claimed_until = None
    item.save(update_fields=CHANGING)


def _record(
    item: Item, action: str, *, at: datetime, requests: list[str] | None = None, code: str = ""
) -> None:
    data = {"campaign": str(item.campaign_id), "calls": item.calls, "reads": item.reads}
    told = {**data, "requests": requests or [], **({"code": code} if code else {})}
    ledger.record(actor=SERVICE, action=action, target=item, at=at, data=told)
