"""Links by which one person may take one pack for a few minutes."""

from datetime import timedelta

from django.conf import settings
from django.db import models

from apps.common.models import TenantOwned

LIFE = timedelta(minutes=15)
MOST_USES = 20  # an interrupted download resumes with one more request each time


class DownloadGrant(TenantOwned):
    """A link to one pack. Only a digest of its secret is kept.

    `bound_to` is a digest of the session or API token it was given in: the link works there and
    nowhere else. `factor` is the second factor that was shown for it.
    """

    pack = models.ForeignKey("evidence.Pack", on_delete=models.PROTECT, related_name="grants")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    factor = models.OneToOneField(
        "accounts.FreshFactor", on_delete=models.PROTECT, related_name="+"
    )
    digest = models.BinaryField(max_length=32)
    bound_to = models.BinaryField(max_length=32)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    uses = models.PositiveSmallIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        app_label = "evidence"
        indexes = [models.Index(fields=["pack", "-granted_at"], name="download_grants_of_a_pack")]
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="download_digest_once"),
            models.CheckConstraint(
                condition=models.Q(
                    expires_at__gt=models.F("granted_at"),
                    expires_at__lte=models.F("granted_at") + LIFE,
                ),
                name="download_link_is_short_lived",
            ),
            models.CheckConstraint(
                condition=models.Q(uses__lte=MOST_USES), name="download_link_has_few_uses"
            ),
        ]

    def __str__(self) -> str:
        return f"link to {self.pack_id}"
