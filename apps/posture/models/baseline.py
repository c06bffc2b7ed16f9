"""Approved scopes: what an app may hold, said by a person, for one org."""

from django.conf import settings
from django.db import models

from apps.common.models import TenantOwned


class ScopeBaseline(TenantOwned):
    """The scopes of one app that someone approved. Never changed: a newer one supersedes it.

    `content_hash` is what was confirmed with a fresh factor: connection, app and scopes.
    """

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, related_name="baselines"
    )
    app_key = models.CharField(max_length=60)
    app_label = models.CharField(max_length=255)
    scopes = models.JSONField()
    content_hash = models.CharField(max_length=64)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField()
    snapshot = models.ForeignKey("crm.Snapshot", on_delete=models.PROTECT, related_name="+")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )

    class Meta:
        indexes = [models.Index(fields=["connection", "app_key"], name="baselines_of_app")]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "app_key"],
                condition=models.Q(supersedes__isnull=True),
                name="one_first_baseline",
            )
        ]

    def __str__(self) -> str:
        return f"baseline of {self.app_label}"
