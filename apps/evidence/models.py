"""Packs that were asked for, how a tenant's packs look, and the key that signs manifests."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField
from apps.evidence.catalogue.models import CheckResult, CheckRun
from apps.evidence.downloads.models import DownloadGrant

__all__ = [
    "Branding",
    "CheckResult",
    "CheckRun",
    "DownloadGrant",
    "Language",
    "ManifestKey",
    "Pack",
]


class Language(models.TextChoices):
    """The languages packs are written in, each named in itself."""

    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"


class Pack(TenantOwned):
    """One signed PDF for one purpose. The file rests sealed; `sha256` is of the PDF itself.

    `purpose` is the code of a file in `purposes/`; `subject_id` is the one thing it tells of, when
    the purpose has one. `began_at` is the instant the pack speaks from: it stays when building
    is resumed, so that the same inputs give the same bytes.
    """

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
    purpose = models.CharField(max_length=30, default="period")
    subject_id = models.UUIDField(null=True)
    subject_name = models.CharField(max_length=160, blank=True, default="")
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    first_date = models.DateField()
    last_date = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=80, blank=True)
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps_total = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveIntegerField(default=0)
    event_count = models.PositiveIntegerField(default=0)

    class Meta:
        permissions = [("see_named_pack", "See the pack as one of those named to this person")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_date__gte=models.F("first_date")), name="pack_period_runs"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ready")
                | (~models.Q(sha256="") & models.Q(finished_at__isnull=False)),
                name="ready_pack_has_its_hash",
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="pack_language_known"
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


class Branding(TenantOwned):
    """How the tenant's packs look: the language they are written in, the logo on the cover.

    `logo` is a PNG that was drawn anew from what was uploaded; empty means none.
    """

    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    logo = models.BinaryField(default=b"")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_branding"),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="branding_language_known"
            ),
        ]

    def __str__(self) -> str:
        return "look of packs"
