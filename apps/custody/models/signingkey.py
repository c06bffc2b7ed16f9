"""The installation's signing keys."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class SigningKey(models.Model):
    """A key that signs for the whole installation: checkpoints, seals of packs.

    Its private half is wrapped by every key provider (`wraps`), or never leaves the token that made
    it (`token_provider`, `token_label`). Old public halves stay, so that what they signed can be
    checked for ever. The serving role reads; a first key comes from a database function that makes
    no second one; rotation is the owner's.
    """

    row_security: ClassVar[str] = "tenant-free: the installation's own; the app role only reads"

    class Algorithm(models.TextChoices):
        ED25519 = "ed25519", "Ed25519 (RFC 8032)"
        P256 = "ecdsa-p256", "ECDSA P-256 with SHA-256 (FIPS 186-5)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    algorithm = models.CharField(max_length=20, choices=Algorithm)
    public = models.BinaryField()
    wraps = models.JSONField(default=list)
    token_provider = models.CharField(max_length=40, default="")
    token_label = models.CharField(max_length=120, default="")
    active_from = models.DateTimeField()
    active_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="signing_version_once"),
            models.CheckConstraint(
                condition=models.Q(active_until__isnull=True)
                | models.Q(active_until__gt=models.F("active_from")),
                name="signing_key_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} v{self.version}"
