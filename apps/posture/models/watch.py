"""Comparisons with event logs: thresholds, and what the last looks gave."""

from django.db import models

from apps.common.models import TenantOwned


class VolumePolicy(TenantOwned):
    """From when on a tenant calls an hour's volume unusual."""

    score = models.FloatField(default=6.0)
    least_calls = models.PositiveIntegerField(default=50)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_volume_policy"),
            models.CheckConstraint(
                condition=models.Q(score__gte=2, score__lte=100, least_calls__gte=1),
                name="volume_policy_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"score {self.score:g}, {self.least_calls} calls"


class LogComparison(TenantOwned):
    """What one look at an org's event logs gave: volumes, and our calls beside the org's.

    `unrecorded` are calls that the org saw under the console's app and the ledger does not have;
    `unseen` calls that the ledger has and the delivered logs do not. Both are cut at a hundred;
    the counts are whole.
    """

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, related_name="log_comparisons"
    )
    looked_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    observed_hours = models.FloatField(default=0)
    volume_words = models.CharField(max_length=400, default="", blank=True)
    volume_apps = models.PositiveIntegerField(default=0)
    volume_hours = models.PositiveIntegerField(default=0)
    deviations = models.JSONField(default=list)
    words = models.CharField(max_length=400, default="", blank=True)
    matched = models.PositiveIntegerField(default=0)
    unrecorded_count = models.PositiveIntegerField(default=0)
    unrecorded = models.JSONField(default=list)
    unseen_count = models.PositiveIntegerField(default=0)
    unseen = models.JSONField(default=list)
    pending_count = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["connection", "-looked_at"], name="log_comparison_newest")]

    def __str__(self) -> str:
        return f"comparison of {self.connection_id} at {self.looked_at:%Y-%m-%d %H:%M}"
