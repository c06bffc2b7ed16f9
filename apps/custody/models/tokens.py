"""The tokens we issued."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField


class IssuedToken(TenantOwned):
    """A bearer token of ours: for the API, or for one emergency.

    Only a digest proves it. An emergency token's secret waits, sealed, until its holder fetches it
    once; `origin_id` is the act it stems from (a break-glass request).
    """

    class Kind(models.TextChoices):
        API = "api", "API token"
        EMERGENCY = "emergency", "Emergency token"

    kind = models.CharField(max_length=12, choices=Kind)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    origin_id = models.UUIDField(null=True)
    digest = models.BinaryField(max_length=32)
    secret = SealedTextField(default="")
    scope = models.JSONField(default=dict)
    networks = ArrayField(models.CharField(max_length=43), default=list)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revealed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    sealed_purpose: ClassVar[str] = "custody.tokens"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="token_digest_once"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("issued_at")), name="token_ends"
            ),
            models.UniqueConstraint(
                fields=["origin_id"],
                condition=models.Q(kind="emergency"),
                name="one_emergency_token_per_origin",
            ),
        ]

    def __str__(self) -> str:
        return self.name
