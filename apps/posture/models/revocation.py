"""Taking an account's or an app's access away in the org, and proving that it is gone."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField


class Revocation(TenantOwned):
    """One act: everything that a snapshot shows one account or one app to hold.

    `content_hash` is what the fresh factor confirmed: the exact grants of the preview. It is
    *verified* only when a complete read of the org afterwards shows every one of them gone.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Revoking in the org"
        VERIFYING = "verifying", "Checking the org"
        VERIFIED = "verified", "Proven gone"
        EXCEPTIONS = "exceptions", "Ended with exceptions"

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.RUNNING: frozenset({State.VERIFYING, State.EXCEPTIONS}),
        State.VERIFYING: frozenset({State.RUNNING, State.VERIFIED, State.EXCEPTIONS}),
        State.VERIFIED: frozenset(),
        State.EXCEPTIONS: frozenset(),
    }

    class Of(models.TextChoices):
        ACCOUNT = "account", "Service account"
        APP = "app", "App"

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, related_name="revocations"
    )
    snapshot = models.ForeignKey("crm.Snapshot", on_delete=models.PROTECT, related_name="+")
    of = models.CharField(max_length=8, choices=Of)
    target_ref = models.CharField(max_length=255)
    label = SealedTextField()
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=400, default="", blank=True)

    sealed_purpose: ClassVar[str] = "posture.revocations"

    class Meta:
        indexes = [models.Index(fields=["tenant", "-asked_at", "-id"], name="revocations_by_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "of", "target_ref"],
                condition=models.Q(state__in=["running", "verifying"]),
                name="one_revocation_of_a_target",
            )
        ]

    def __str__(self) -> str:
        return f"revocation {self.pk}"


class RevokedGrant(TenantOwned):
    """One token or assignment of a revocation, and how far it is. `handle` is sealed."""

    class Kind(models.TextChoices):
        TOKEN = "token", "OAuth token"
        ASSIGNMENT = "permission_assignment", "Permission set"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be revoked"
        EXECUTED = "executed", "Revoked, not yet proven"
        GONE = "gone", "Proven gone"
        MISSING = "missing", "Was gone before we acted"
        FAILED = "failed", "Failed"
        REAPPEARED = "reappeared", "Granted again since"

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.QUEUED: frozenset({State.EXECUTED, State.MISSING, State.FAILED}),
        State.EXECUTED: frozenset({State.QUEUED, State.GONE, State.FAILED, State.REAPPEARED}),
        State.GONE: frozenset({State.REAPPEARED}),
        State.MISSING: frozenset({State.REAPPEARED}),
        State.FAILED: frozenset(),
        State.REAPPEARED: frozenset(),
    }

    revocation = models.ForeignKey(Revocation, on_delete=models.PROTECT, related_name="grants")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=Kind)
    subject_ref = models.CharField(max_length=18)
    target_ref = models.CharField(max_length=255)
    label = models.CharField(max_length=255)
    handle = SealedTextField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    words = models.CharField(max_length=400, default="", blank=True)
    called_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    request_ids = ArrayField(models.CharField(max_length=80), default=list)

    sealed_purpose: ClassVar[str] = "posture.revocations"

    class Meta:
        indexes = [models.Index(fields=["revocation", "state", "position"], name="grants_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["revocation", "digest"], name="revoked_grant_once"),
            models.CheckConstraint(
                condition=~models.Q(state="gone")
                | models.Q(executed_at__isnull=False, verified_at__gte=models.F("executed_at")),
                name="grant_gone_only_after_a_read",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.revocation_id}"
