"""One table, insert-only. Positions, the tree and checkpoints stand beside it, not in it."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned


class Event(TenantOwned):
    """One act, as canonical bytes, with the columns that people search by.

    `body` (RFC 8785) is the record; the columns repeat parts of it for reading. `eid` orders
    appends inside the database and `xid` names the writing transaction; both are the database's.
    `leaf` is the RFC 6962 leaf hash of `body`, checked by the database.
    """

    action = models.CharField(max_length=80)
    actor = models.CharField(max_length=80)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    body = models.BinaryField()
    leaf = models.BinaryField()

    append_only: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-at", "-id"], name="ledger_by_time"),
            models.Index(fields=["tenant", "target_id", "at"], name="ledger_by_target"),
            models.Index(fields=["tenant", "actor", "-at"], name="ledger_by_actor"),
            models.Index(fields=["tenant", "action", "-at"], name="ledger_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} on {self.target_type} {self.target_id}"
