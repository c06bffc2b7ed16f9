"""Something about an org that somebody should look at, from its first sight to its proven end."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.common.models import TenantOwned


class Finding(TenantOwned):
    """One deviation of one subject, kept for good. `subject` and `detail` hold no personal data.

    *fixed* is what somebody says, or what a later read no longer shows; *verified* only what a
    complete read after the fix no longer shows. Seen again, it is *reopened*.
    """

    class Level(models.TextChoices):
        ERROR = "error", "Serious"
        WARNING = "warning", "Attention"
        NOTE = "note", "Note"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        REOPENED = "reopened", "Back again"
        ACCEPTED = "accepted", "Accepted for a time"
        FIXING = "fixing", "Being fixed"
        FIXED = "fixed", "Fixed, not proven"
        VERIFIED = "verified", "Gone, proven"

    class Source(models.TextChoices):
        SCOPES = "scopes", "Scopes and permissions"
        SCAN = "scan", "Metadata scan"
        VOLUME = "volume", "API volume"
        RECONCILE = "reconcile", "Event log comparison"
        LOCKOUT = "lockout", "Lockout"
        ANOMALY = "anomaly", "Anomaly"

    _LIVE = frozenset({State.ACCEPTED, State.FIXING, State.FIXED})
    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.OPEN: _LIVE,
        State.REOPENED: _LIVE,
        State.ACCEPTED: frozenset({State.REOPENED, State.FIXING, State.FIXED}),
        State.FIXING: frozenset({State.FIXED, State.ACCEPTED, State.REOPENED}),
        State.FIXED: frozenset({State.VERIFIED, State.REOPENED}),
        State.VERIFIED: frozenset({State.REOPENED}),
    }
    UNSETTLED: ClassVar[frozenset[str]] = frozenset({State.OPEN, State.REOPENED, State.FIXING})

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, null=True, related_name="findings"
    )
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=255)
    title = models.CharField(max_length=300)
    detail = models.JSONField(default=dict)
    fix = models.CharField(max_length=400)
    level = models.CharField(max_length=8, choices=Level)
    source = models.CharField(max_length=10, choices=Source)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    due_on = models.DateField(null=True)
    accepted_until = models.DateField(null=True)
    reason = models.CharField(max_length=400, default="", blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    fixed_at = models.DateTimeField(null=True)
    observed_from = models.DateTimeField(null=True)
    observed_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "state", "level"], name="findings_by_state"),
            models.Index(fields=["tenant", "-last_seen_at", "-id"], name="findings_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "connection", "kind", "subject"],
                name="finding_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~models.Q(state="accepted")
                | (models.Q(accepted_until__isnull=False) & ~models.Q(reason="")),
                name="acceptance_has_reason_and_end",
            ),
        ]

    def __str__(self) -> str:
        return self.title
