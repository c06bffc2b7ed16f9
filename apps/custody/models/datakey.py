"""Wrapped data keys, the tenant's own key around them, and work on keys that takes a while."""

from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned


class TenantKey(TenantOwned):
    """A key of the tenant's own, needed beside the providers' to open its data keys.

    `supplied`: the tenant gave 32 bytes; they rest in `wraps`, wrapped by every provider, until the
    tenant revokes them. `kms`: the key stays in the tenant's AWS account (`reference`, an ARN).
    `proof` tells whether bytes supplied again are the same ones; it gives nothing away.
    """

    class Kind(models.TextChoices):
        SUPPLIED = "supplied", "Supplied bytes"
        KMS = "kms", "Key in the tenant's AWS account"

    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    reference = models.CharField(max_length=200, default="")
    proof = models.BinaryField(default=b"")
    wraps = models.JSONField(default=list)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "version"], name="tenant_key_version_once"),
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(replaced_at__isnull=True),
                name="one_own_key_per_tenant",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True) | models.Q(wraps=[]),
                name="a_revoked_key_is_not_kept",
            ),
        ]

    def __str__(self) -> str:
        return f"own key v{self.version}"


class DataKey(TenantOwned):
    """A tenant's key for one purpose. Older versions stay for opening.

    `wraps` holds it once per key provider, each able to open it alone. With an `outer` key, what
    the providers wrap is the data key wrapped by the tenant's own.
    """

    purpose = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    wraps = models.JSONField(default=list)
    outer = models.ForeignKey(TenantKey, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "purpose", "version"], name="key_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} v{self.version}"


class KeyWork(TenantOwned):
    """Sealing old values under a new key, in batches; a killed worker's successor goes on.

    `position` is the last row that was looked at; `kept` counts rows that the database does not
    let anybody change, whose old key therefore stays in use.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        SETTLING = "settling", "Waiting for the last writers"
        FINISHED = "finished", "Finished"

    purpose = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    position = models.CharField(max_length=200, default="")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    settles_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "purpose"],
                condition=~models.Q(state="finished"),
                name="one_work_per_purpose",
            )
        ]

    def __str__(self) -> str:
        return f"resealing {self.purpose}"
