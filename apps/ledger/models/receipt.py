"""What sources say about themselves, so that a lost event is missed."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned


class Receipt(TenantOwned):
    """One word of a source: the numbers it saw committed since its last, or that it is alive.

    `acknowledged` holds ranges as `[first, last]`; `ends` is a farewell: nothing more is expected.
    `gap_free` marks a source outside the console that leaves no number out.
    """

    source_id = models.UUIDField()
    name = models.CharField(max_length=40)
    acknowledged = models.JSONField(default=list)
    ends = models.BooleanField(default=False)
    gap_free = models.BooleanField(default=False)
    at = models.DateTimeField(db_default=Now())

    append_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["tenant", "source_id", "-at"], name="ledger_receipt_last")]

    def __str__(self) -> str:
        return f"{self.name} {self.source_id}"
