"""Jobs that carry records from an org to a model and back, their runs, and what became of each.

Nothing here holds a prompt, an answer or a record's values: only ids, counts and fingerprints.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.crm.models import Connection
from apps.custody.fields import SealedTextField
from apps.llm.models import Endpoint
from apps.residency.models import Purpose

MOST_FIELDS = 3


class Job(TenantOwned):
    """Which fields of which records go to which endpoint, what for, and where the answer lands.

    A job never changes: another question is another job, so that a run's meaning stays.
    """

    class Filter(models.TextChoices):
        OPEN_CASES = "open-cases", "Open cases"

    name = models.CharField(max_length=80)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="jobs")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="jobs")
    object_name = models.CharField(max_length=80, default="Case")
    source_fields = ArrayField(models.CharField(max_length=80))
    filter = models.CharField(max_length=20, choices=Filter, default=Filter.OPEN_CASES)
    purpose = models.CharField(max_length=30, choices=Purpose, default=Purpose.CASE_SUMMARY)
    writeback_field = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="job_name_once"),
            models.CheckConstraint(
                condition=models.Q(source_fields__len__gte=1, source_fields__len__lte=MOST_FIELDS),
                name="job_reads_few_fields",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Run(TenantOwned):
    """One pass of a job over the records that match.

    `checkpoint` is the last record that was settled; it moves in the transaction that settles the
    record. `lease` names the attempt that may write: an older one finds it changed and stops.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARKED = "parked", "Done, some records parked"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"

    LIVE: ClassVar[tuple[str, ...]] = (State.QUEUED, State.RUNNING)
    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.QUEUED: frozenset({State.RUNNING, State.REFUSED, State.FAILED}),
        State.RUNNING: frozenset(
            {State.QUEUED, State.DONE, State.PARKED, State.REFUSED, State.FAILED}
        ),
        State.DONE: frozenset(),
        State.PARKED: frozenset(),
        State.REFUSED: frozenset(),
        State.FAILED: frozenset(),
    }

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="runs")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    effect = models.CharField(max_length=8, blank=True, default="")
    rules = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    policy_hash = models.CharField(max_length=64, blank=True, default="")
    total = models.PositiveIntegerField(null=True)
    written = models.PositiveIntegerField(default=0)
    parked = models.PositiveIntegerField(default=0)
    checkpoint = models.CharField(max_length=18, blank=True, default="")
    lease = models.UUIDField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error = models.CharField(max_length=400, blank=True, default="")
    queued_at = models.DateTimeField()
    resume_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["queued", "running", "done", "parked", "refused", "failed"]
                ),
                name="run_state_known",
            ),
            models.UniqueConstraint(
                fields=["job"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_live_run_per_job",
            ),
        ]

    def __str__(self) -> str:
        return f"Run of {self.queued_at:%Y-%m-%d %H:%M}"

    @property
    def is_live(self) -> bool:
        """Whether it still waits or works."""
        return self.state in self.LIVE

    @property
    def settled(self) -> int:
        """Records that were written or parked."""
        return self.written + self.parked


class RunItem(TenantOwned):
    """What became of one record in one run. `fingerprint` is the prompt's HMAC-SHA256."""

    class State(models.TextChoices):
        WRITTEN = "written", "Written back"
        PARKED = "parked", "Parked"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="items")
    record_id = models.CharField(max_length=18)
    state = models.CharField(max_length=12, choices=State)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    model = models.CharField(max_length=120, blank=True, default="")
    masked = models.PositiveIntegerField(default=0)
    request_ids = models.JSONField(default=list)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error = models.CharField(max_length=400, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "record_id"], name="record_settled_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["written", "parked"]), name="run_item_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "record_id", "-at"], name="run_items_by_record"),
            models.Index(fields=["tenant", "fingerprint", "-at"], name="run_items_by_prompt"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.state}"


class FingerprintKey(TenantOwned):
    """The tenant's key for prompt fingerprints: the same prompt matches within a tenant only."""

    key = SealedTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_fingerprint_key"),
        ]

    def __str__(self) -> str:
        return "fingerprint key"
