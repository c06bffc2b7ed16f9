"""The log of logs and its anchors: written by the sequencer's login, read by everyone's pages.

A tenant sees its own leaves. Nodes, checkpoints and anchors are hashes and signatures over all
tenants; they name nobody and are for everyone to check.
"""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.ledger.models.tree import OfLog

_ALL_READ = "hashes and signatures over all tenants, naming none; the sequencer's login adds"


class RootLeaf(OfLog):
    """A tenant's checkpoint of `size` entries as entry `idx` of the log of logs.

    `leaf` is the RFC 6962 leaf hash of the text of that checkpoint's note.
    """

    idx = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField()
    leaf = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "size"], name="ledger_rootleaf_once")
        ]

    def __str__(self) -> str:
        return f"root leaf {self.idx}"


class RootNode(models.Model):
    """The hash of one complete subtree of the log of logs, as `merkle.Hashes` reads it."""

    row_security: ClassVar[str] = _ALL_READ
    append_only: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("level", "idx")
    level = models.SmallIntegerField()
    idx = models.BigIntegerField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"root node {self.level}/{self.idx}"


class RootCheckpoint(models.Model):
    """The signed state of the log of logs at `size` entries; `note` is a C2SP signed note."""

    row_security: ClassVar[str] = _ALL_READ
    append_only: ClassVar[bool] = True

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"root checkpoint of {self.size}"


class AnchorKind(models.TextChoices):
    """What holds a global checkpoint outside this installation."""

    TIMESTAMP = "timestamp", "Timestamp service"
    OBJECT = "object", "Locked object"
    WITNESS = "witness", "Witness"


class Anchor(models.Model):
    """Proof that somebody outside held the global checkpoint of `size` entries at `at`.

    `proof` is, by kind: the RFC 3161 token in DER over SHA-256 of the note; the canonical JSON that
    names bucket, key, version and the end of retention; the witness's cosignature lines.
    `at` is the time that the outside told: the stamped, retained or cosigned one.
    """

    row_security: ClassVar[str] = _ALL_READ
    append_only: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True)
    size = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=AnchorKind.choices)
    place = models.CharField(max_length=200)
    proof = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["size", "kind", "place"], name="ledger_anchor_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.size}"


class AnchorProblem(models.Model):
    """An anchor that could not be had, or a signature that was refused against one.

    `tenant` is nobody for what concerns all. `code` is stable, `words` are for people.
    """

    row_security: ClassVar[str] = "of the tenant in scope, or of all; the sequencer's login adds"
    append_only: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True)
    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        null=True,
        db_constraint=False,
        db_index=False,
    )
    size = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    place = models.CharField(max_length=200)
    code = models.CharField(max_length=40)
    retryable = models.BooleanField()
    words = models.CharField(max_length=400)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["-at"], name="ledger_anchorproblem_recent")]

    def __str__(self) -> str:
        return f"{self.code} at {self.place}"
