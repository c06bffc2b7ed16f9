"""Campaigns over a frozen snapshot, their items, and the history of decisions about them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField


class CampaignState(models.TextChoices):
    """`closed` is reached only when a read of the org has shown every revoked grant gone."""

    READY = "ready", "Ready to start"
    IN_REVIEW = "in_review", "In review"
    REMEDIATING = "remediating", "Revoking in the org"
    VERIFYING = "verifying", "Checking the org"
    CLOSED = "closed", "Closed"
    CLOSED_WITH_EXCEPTIONS = "closed_with_exceptions", "Closed with exceptions"
    CANCELLED = "cancelled", "Cancelled"


TRANSITIONS: dict[str, frozenset[str]] = {
    CampaignState.READY: frozenset({CampaignState.IN_REVIEW, CampaignState.CANCELLED}),
    CampaignState.IN_REVIEW: frozenset({CampaignState.REMEDIATING, CampaignState.CANCELLED}),
    CampaignState.REMEDIATING: frozenset({CampaignState.VERIFYING}),
    CampaignState.VERIFYING: frozenset(
        {
            CampaignState.REMEDIATING,
            CampaignState.CLOSED,
            CampaignState.CLOSED_WITH_EXCEPTIONS,
        }
    ),
    CampaignState.CLOSED: frozenset(),
    CampaignState.CLOSED_WITH_EXCEPTIONS: frozenset(),
    CampaignState.CANCELLED: frozenset(),
}
OPEN_STATES = (
    CampaignState.READY,
    CampaignState.IN_REVIEW,
    CampaignState.REMEDIATING,
    CampaignState.VERIFYING,
)
UNSIGNED_STATES = (CampaignState.READY, CampaignState.IN_REVIEW, CampaignState.CANCELLED)


class Campaign(TenantOwned):
    """One review of everything a complete snapshot found, due at a time and signed once.

    `decisions_hash` is what the finishing reviewer's second factor was given for.
    """

    name = models.CharField(max_length=120)
    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, related_name="campaigns"
    )
    snapshot = models.ForeignKey("crm.Snapshot", on_delete=models.PROTECT, related_name="campaigns")
    snapshot_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=24, choices=CampaignState, default=CampaignState.READY)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    finished_at = models.DateTimeField(null=True)
    decisions_hash = models.CharField(max_length=64, default="", blank=True)
    ended_at = models.DateTimeField(null=True)
    ending_note = SealedTextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=CampaignState.values), name="campaign_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__gt=models.F("opened_at")), name="campaign_due_later"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=UNSIGNED_STATES)
                | (
                    models.Q(finished_at__isnull=False, finished_by__isnull=False)
                    & ~models.Q(decisions_hash="")
                ),
                name="campaign_signed_before_remediation",
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(state__in=(CampaignState.READY, CampaignState.IN_REVIEW)),
                name="one_review_of_an_org_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-opened_at", "-id"], name="campaigns_by_time")]

    def __str__(self) -> str:
        return self.name


class Kind(models.TextChoices):
    """What a grant is."""

    TOKEN = "token", "OAuth token"
    ASSIGNMENT = "permission_assignment", "Permission set"


class Risk(models.TextChoices):
    """How much harm the grant could do; `risk_reason` says why."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Change(models.TextChoices):
    """Whether the last closed review of this org saw the very same grant."""

    NEW = "new", "New since the last review"
    UNCHANGED = "unchanged", "Unchanged since the last review"


class Choice(models.TextChoices):
    """What a reviewer decided. `no_response` is recorded only when someone signs for it."""

    KEEP = "keep", "Keep"
    REVOKE = "revoke", "Revoke"
    CANNOT_DECIDE = "cannot_decide", "Cannot decide"
    NO_RESPONSE = "no_response", "No response"


class Remediation(models.TextChoices):
    """How far a revocation is. The org's "yes" makes it executed; only a later read, gone."""

    NOT_NEEDED = "not_needed", "Nothing to do"
    WITHHELD = "withheld", "Withheld: protected"
    QUEUED = "queued", "Waiting to be revoked"
    EXECUTED = "executed", "Revoked, not yet proven"
    VERIFIED_GONE = "verified_gone", "Proven gone"
    FAILED = "failed", "Failed"
    OBJECT_MISSING = "object_missing", "Was gone before we acted"
    REAPPEARED = "reappeared", "Granted again since"


UNSETTLED = (Remediation.QUEUED, Remediation.EXECUTED)


class Item(TenantOwned):
    """One grant, as the snapshot froze it, and what became of it.

    Everything above `reviewer` is what the reviewer judged; the database refuses to change it.
    `handle` is what the org needs to revoke it (a delete token, an assignment's id).
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=Kind)
    subject_ref = models.CharField(max_length=18)
    subject_name = SealedTextField()
    subject_person = models.UUIDField(null=True)
    subject_is_integration = models.BooleanField(default=False)
    subject_is_active = models.BooleanField(null=True)
    target_ref = models.CharField(max_length=255)
    label = models.CharField(max_length=255)
    handle = SealedTextField()
    fingerprint = models.CharField(max_length=64)
    dangerous = ArrayField(models.CharField(max_length=80), default=list)
    paths = ArrayField(models.CharField(max_length=400), default=list)
    granted_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    use_count = models.PositiveIntegerField(null=True)
    risk = models.CharField(max_length=8, choices=Risk)
    risk_reason = models.CharField(max_length=500)
    suggestion = models.CharField(max_length=16, choices=Choice, default="", blank=True)
    suggestion_reason = models.CharField(max_length=300, default="", blank=True)
    change = models.CharField(max_length=12, choices=Change)
    protected = models.CharField(max_length=200, default="", blank=True)

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.CharField(max_length=16, choices=Choice, default="", blank=True)
    remediation = models.CharField(
        max_length=16, choices=Remediation, default=Remediation.NOT_NEEDED
    )
    remediation_code = models.CharField(max_length=60, default="", blank=True)
    remediation_words = models.CharField(max_length=500, default="", blank=True)
    calls = models.PositiveSmallIntegerField(default=0)
    reads = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    call_requests = ArrayField(models.CharField(max_length=80), default=list)
    read_requests = ArrayField(models.CharField(max_length=80), default=list)

    sealed_purpose: ClassVar[str] = "reviews.items"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="item_position_once"),
            models.UniqueConstraint(fields=["campaign", "fingerprint"], name="item_grant_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="item_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(risk__in=Risk.values), name="item_risk_known"
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=["", *Choice.values]), name="item_decision_known"
            ),
            models.CheckConstraint(
                condition=models.Q(remediation__in=Remediation.values),
                name="item_remediation_known",
            ),
            models.CheckConstraint(
                condition=models.Q(remediation=Remediation.NOT_NEEDED)
                | models.Q(decision=Choice.REVOKE),
                name="item_only_revoked_is_remediated",
            ),
            models.CheckConstraint(
                condition=~models.Q(remediation=Remediation.EXECUTED)
                | models.Q(executed_at__isnull=False),
                name="item_executed_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(remediation=Remediation.VERIFIED_GONE)
                | (
                    models.Q(
                        executed_at__isnull=False,
                        verified_at__gte=models.F("executed_at"),
                        read_requests__len__gt=0,
                    )
                ),
                name="item_gone_only_after_a_read",
            ),
            models.CheckConstraint(
                condition=models.Q(protected="")
                | models.Q(remediation__in=(Remediation.NOT_NEEDED, Remediation.WITHHELD)),
                name="item_protected_is_never_revoked",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "risk", "position"], name="items_by_risk")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label}"

    @property
    def last_read(self) -> str:
        """The request id of the last call of the last read; empty before one."""
        return self.read_requests[-1] if self.read_requests else ""


class Decision(TenantOwned):
    """One decision about an item, kept for ever; the newest counts. Insert-only."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="decisions")
    choice = models.CharField(max_length=16, choices=Choice)
    note = SealedTextField(default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seconds = models.PositiveIntegerField(null=True)
    batch_id = models.UUIDField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    append_only: ClassVar[bool] = True
    sealed_purpose: ClassVar[str] = "reviews.notes"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(choice__in=Choice.values), name="decision_choice_known"
            )
        ]
        indexes = [models.Index(fields=["item", "-at"], name="decisions_of_an_item")]

    def __str__(self) -> str:
        return f"{self.choice} on {self.item_id}"
