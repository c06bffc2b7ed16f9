"""Metadata scans of an org: what was asked, how far it is, and what it saw."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.common.models import TenantOwned


class Scan(TenantOwned):
    """One look at metadata: uploaded, or read from the org itself.

    Complete only when every file was read; else incomplete, and `unread` says which were not.
    `covers_all` is what the person who uploaded said: these are all files of the org.
    """

    class Origin(models.TextChoices):
        UPLOAD = "upload", "Uploaded zip"
        ORG = "org", "Read from the org"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to start"
        RUNNING = "running", "Scanning"
        COMPLETE = "complete", "Complete"
        INCOMPLETE = "incomplete", "Incomplete"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    _ENDS = frozenset({State.COMPLETE, State.INCOMPLETE, State.FAILED, State.CANCELLED})
    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.QUEUED: frozenset({State.RUNNING, State.FAILED, State.CANCELLED}),
        State.RUNNING: _ENDS | {State.QUEUED},
        **{state: frozenset() for state in _ENDS},
    }
    UNDER_WAY: ClassVar[tuple[str, ...]] = (State.QUEUED, State.RUNNING)
    FINISHED: ClassVar[tuple[str, ...]] = (State.COMPLETE, State.INCOMPLETE)

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, null=True, related_name="scans"
    )
    origin = models.CharField(max_length=6, choices=Origin)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, default="", blank=True)
    size = models.PositiveBigIntegerField(default=0)
    covers_all = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    entries_done = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    unread = models.JSONField(default=list)
    gateways = models.JSONField(default=list)
    error = models.CharField(max_length=400, default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-asked_at", "-id"], name="scans_newest"),
            models.Index(fields=["connection", "-asked_at"], name="scans_of_org"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "connection"],
                condition=models.Q(state__in=["queued", "running"]),
                nulls_distinct=False,
                name="one_scan_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "queued",
                        "running",
                        "complete",
                        "incomplete",
                        "failed",
                        "cancelled",
                    ]
                ),
                name="scan_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"scan of {self.name}"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will come of it."""
        return not self.TRANSITIONS[self.state]


class ScanFinding(TenantOwned):
    """One thing that a scan saw, at its exact place. Holds kinds of secrets, never a secret.

    `key` is the same in the next scan although lines have moved.
    """

    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="found")
    rule = models.CharField(max_length=40)
    level = models.CharField(max_length=8)
    path = models.CharField(max_length=400)
    line = models.PositiveIntegerField()
    column = models.PositiveIntegerField()
    message = models.CharField(max_length=600)
    subject = models.CharField(max_length=255, default="", blank=True)
    key = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["scan", "key"], name="scan_findings_by_key")]

    def __str__(self) -> str:
        return self.message


class ScanAddress(TenantOwned):
    """An address outside the org that stands at one place, as far as its name tells of it."""

    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="addresses")
    host = models.CharField(max_length=255)
    scheme = models.CharField(max_length=5)
    named_by = models.CharField(max_length=300)
    called = models.BooleanField()
    provider = models.CharField(max_length=120, default="", blank=True)
    is_llm = models.BooleanField(default=False)
    jurisdiction = models.CharField(max_length=2, default="", blank=True)
    basis = models.CharField(max_length=60, default="", blank=True)
    through_gateway = models.CharField(max_length=7)
    path = models.CharField(max_length=400)
    line = models.PositiveIntegerField()
    column = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["scan", "host"], name="scan_addresses_by_host")]

    def __str__(self) -> str:
        return self.host
