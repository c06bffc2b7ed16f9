"""One table, insert-only. Positions, the tree and checkpoints stand beside it, not in it."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.common.scope import current_tenant_id


class Event(TenantOwned):
    """One act, as canonical bytes, with the columns that people search by.

    `body` (RFC 8785) is the record; the database derives the columns from it, and `leaf`, its
    RFC 6962 leaf hash. `source_seq` is the event's number in the process that recorded it, and
    `request_id` the HTTP request that caused it. `eid` (the order of appends) and `xid` (the
    writing transaction) are for the sequencer and have no field here. Rows come from
    `ledger_add` and `ledger_append` alone: nothing can be saved.
    """

    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        default=current_tenant_id,
        db_constraint=False,  # its check would lock the tenant's row for every event
    )
    action = models.CharField(max_length=80)
    actor = models.CharField(max_length=80)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    request_id = models.UUIDField(null=True)
    source_id = models.UUIDField(null=True)
    source_seq = models.BigIntegerField(null=True)
    body = models.BinaryField()
    leaf = models.BinaryField()

    append_only: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-at", "-id"], name="ledger_by_time"),
            models.Index(fields=["tenant", "target_id", "at"], name="ledger_by_target"),
            models.Index(fields=["tenant", "actor", "-at"], name="ledger_by_actor"),
            models.Index(fields=["tenant", "action", "-at"], name="ledger_by_action"),
            models.Index(fields=["tenant", "target_type", "-at"], name="ledger_by_kind"),
            models.Index(
                fields=["tenant", "request_id"],
                name="ledger_by_request",
                condition=models.Q(request_id__isnull=False),
            ),
            models.Index(fields=["tenant", "source_id", "source_seq"], name="ledger_by_source"),
        ]

    def __str__(self) -> str:
        return f"{self.action} on {self.target_type} {self.target_id}"
