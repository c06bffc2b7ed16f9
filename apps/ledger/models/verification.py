"""What checks of a log found, and exports of it that people asked for."""

from typing import Any, ClassVar

from django.db import models

from apps.common.models import TenantOwned


class Verification(TenantOwned):
    """One check of the log's rows up to one signed checkpoint. Written once, when it is over.

    `began_with` is the position from which entries were read again; what stands before was held
    by the checkpoint of that size. `findings` and `not_proved` are words for people; `code` is the
    exit code the verifier gives for the first finding, 0 for none.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    began_with = models.BigIntegerField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    code = models.SmallIntegerField()
    findings = models.JSONField(default=list)
    proved = models.JSONField(default=list)
    not_proved = models.JSONField(default=list)

    append_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["tenant", "-started_at", "-id"], name="ledger_verified")]

    def __str__(self) -> str:
        return f"verification of {self.size:,} entries"

    @property
    def is_good(self) -> bool:
        """Whether nothing was found."""
        return self.code == 0

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds()


class LogExport(TenantOwned):
    """An export of the log that somebody asked for, from the page or at the command line."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        WRITING = "writing", "Being written"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.QUEUED: {State.WRITING, State.FAILED},
        State.WRITING: {State.READY, State.FAILED},
        State.READY: set(),
        State.FAILED: set(),
    }

    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    actor = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    first = models.BigIntegerField(default=0)
    size = models.BigIntegerField()
    done = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ledger_export_range",
                condition=models.Q(first__gte=0, first__lte=models.F("size"), done__gte=0),
            ),
            models.CheckConstraint(
                name="ledger_export_ready",
                condition=~models.Q(state="ready") | ~models.Q(sha256=""),
            ),
        ]

    def __str__(self) -> str:
        return f"export of {self.size:,} entries"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return not self.TRANSITIONS[self.state]

    def move_to(self, state: "LogExport.State", **fields: Any) -> None:
        """Change the state as `TRANSITIONS` allows and save. Raises `ValueError` otherwise."""
        if state not in self.TRANSITIONS[self.state]:
            raise ValueError(f"an export that is {self.state} cannot become {state}")
        self.state = state
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=["state", *fields])
