"""How long events stay, what may not go, and what went."""

from typing import ClassVar

from django.db import models

from apps.common.models import TenantOwned

SHORTEST_DAYS, USUAL_DAYS = 90, 400


class RetentionPolicy(TenantOwned):
    """How many days a tenant's events stay at least; the newest row holds. Insert-only."""

    days = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    append_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ledger_retention_shortest", condition=models.Q(days__gte=SHORTEST_DAYS)
            )
        ]

    def __str__(self) -> str:
        return f"{self.days} days"


class LegalHold(TenantOwned):
    """While a hold lasts nothing of the tenant's ledger is removed. Released by another row."""

    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    append_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"hold of {self.at:%Y-%m-%d}"


class HoldRelease(TenantOwned):
    """The end of one legal hold."""

    hold = models.OneToOneField(LegalHold, on_delete=models.PROTECT, related_name="release")
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    append_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"release of {self.hold_id}"


class PruneMark(TenantOwned):
    """Entries below position `below` may be removed: they stand in an export.

    `place` is where it was written, `sha256` its manifest's hash, `size` the log's at that time.
    """

    below = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    place = models.CharField(max_length=300)
    size = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    append_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"entries below {self.below:,}"
