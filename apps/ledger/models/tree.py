"""Positions, tiles and checkpoints: written by the sequencer's login, read by everyone's pages."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantManager
from apps.common.scope import current_tenant_id


class OfLog(models.Model):
    """A row of one tenant's log. The serving role reads it, the sequencer's login alone adds."""

    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        default=current_tenant_id,
        # A check for each of thousands of rows a second, of a tenant that its events keep anyway.
        db_constraint=False,
        db_index=False,
    )

    objects = TenantManager()

    row_security: ClassVar[str] = "rows of the tenant in scope; the sequencer reads and adds all"
    append_only: ClassVar[bool] = True

    class Meta:
        abstract = True


class Leaf(OfLog):
    """The position of one event: `seq` counts each tenant's events from 0, without gaps."""

    pk = models.CompositePrimaryKey("tenant_id", "seq")
    seq = models.BigIntegerField()
    eid = models.BigIntegerField(unique=True)
    event_id = models.UUIDField(db_index=True)
    leaf = models.BinaryField()
    batch = models.BigIntegerField()

    def __str__(self) -> str:
        return f"position {self.seq}"


class Tile(OfLog):
    """A full tile of C2SP tlog-tiles: 256 hashes of level `8 * level`, from `256 * idx`.

    `root` is the hash over them, which the tile above will hold when it is full.
    """

    pk = models.CompositePrimaryKey("tenant_id", "level", "idx")
    level = models.SmallIntegerField()
    idx = models.BigIntegerField()
    data = models.BinaryField()
    root = models.BinaryField()

    def __str__(self) -> str:
        return f"tile {self.level}/{self.idx}"


class Checkpoint(OfLog):
    """The signed state of a log of `size` events. `frontier` is what the log goes on growing from.

    `note` is the C2SP signed note that tells origin, size and root.
    """

    pk = models.CompositePrimaryKey("tenant_id", "size")
    size = models.BigIntegerField()
    root = models.BinaryField()
    frontier = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"


class Batch(models.Model):
    """One transaction of the sequencer, over all tenants.

    Every event up to `low` has its position or never came to be; none beyond `hwm` was looked at.
    `own_xid` is the transaction's number, drawn after its snapshot.
    """

    row_security: ClassVar[str] = "the sequencer's login alone reads and adds"
    append_only: ClassVar[bool] = True

    id = models.BigIntegerField(primary_key=True)
    low = models.BigIntegerField()
    hwm = models.BigIntegerField()
    own_xid = models.BigIntegerField()
    events = models.IntegerField()
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"batch {self.pk}"
