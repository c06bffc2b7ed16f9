"""Packs that were asked for, and the key that signs their manifests."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField


class Pack(TenantOwned):
    """One signed PDF over a period. The file rests sealed; `sha256` is of the PDF itself."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        BUILDING = "building", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.QUEUED: {State.BUILDING},
        State.BUILDING: {State.BUILDING, State.READY, State.FAILED},
        State.READY: set(),
        State.FAILED: {State.QUEUED},
    }

    title = models.CharField(max_length=120)
    first_date = models.DateField()
    last_date = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()
    step = models.CharField(max_length=80, blank=True)
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps_total = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveIntegerField(default=0)
    event_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_date__gte=models.F("first_date")), name="pack_period_runs"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ready")
                | (~models.Q(sha256="") & models.Q(finished_at__isnull=False)),
                name="ready_pack_has_its_hash",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ManifestKey(TenantOwned):
    """The tenant's Ed25519 key for pack manifests; the private part is sealed."""

    private_pem = SealedTextField()
    public_pem = models.TextField()
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="one_manifest_key")]

    def __str__(self) -> str:
        return "manifest key"
