"""Event log files as they were taken, their rows for searching, and how taking them goes."""

from typing import Any, ClassVar

from django.db import models

from apps.common.models import TenantOwned
from apps.custody.fields import SealedField

SHORTEST_DAYS, USUAL_DAYS, LONGEST_DAYS = 30, 180, 3650


class SealedBytesField(SealedField):
    """Bytes, sealed."""

    def to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def to_value(self, plain: bytes) -> bytes:
        return plain


class LogWatch(TenantOwned):
    """How far an org's files were taken, and why not further.

    `attempt` names the worker at it; `reached_at` is the newest CreatedDate that was dealt with.
    """

    class State(models.TextChoices):
        NEVER = "never", "Not looked yet"
        TAKING = "taking", "Taking files"
        CURRENT = "current", "Up to date"
        REFUSED = "refused", "Not readable"
        FAILED = "failed", "Failed"

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.NEVER: frozenset({State.TAKING}),
        State.TAKING: frozenset({State.TAKING, State.CURRENT, State.REFUSED, State.FAILED}),
        State.CURRENT: frozenset({State.TAKING}),
        State.REFUSED: frozenset({State.TAKING}),
        State.FAILED: frozenset({State.TAKING}),
    }

    connection = models.OneToOneField(
        "crm.Connection", on_delete=models.PROTECT, related_name="log_watch"
    )
    state = models.CharField(max_length=8, choices=State, default=State.NEVER)
    attempt = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    files_due = models.PositiveIntegerField(default=0)
    files_done = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=400, default="", blank=True)

    def __str__(self) -> str:
        return f"event logs of {self.connection_id}"


class LogFile(TenantOwned):
    """One delivery of one event log file.

    The same file delivered again is another row; the earlier one stays, with its hash and sealed
    content, marked superseded. Only rows of files that count are searched. `altered_at` is when a
    check first found that what is kept is not what the ledger recorded. `hour_counts` are its rows
    by hour of UTC (`2026-11-21T05`), so that a chart of a month reads no rows; null is unknown.
    """

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, related_name="log_files"
    )
    org_file_id = models.CharField(max_length=18)
    org_created_at = models.DateTimeField()
    event_type = models.CharField(max_length=60)
    hourly = models.BooleanField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    sequence = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    row_count = models.PositiveIntegerField()
    hour_counts = models.JSONField(null=True)
    unreadable_count = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    altered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["connection", "event_type", "starts_at"], name="log_files_by_time")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "org_file_id", "org_created_at"], name="log_file_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="log_file_has_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} from {self.starts_at:%Y-%m-%d %H:%M}"


class LogPiece(TenantOwned):
    """A piece of a file as it came, deflated and sealed; the pieces in order give the file."""

    file = models.ForeignKey(LogFile, on_delete=models.PROTECT, related_name="pieces")
    number = models.PositiveIntegerField()
    content = SealedBytesField()

    sealed_purpose: ClassVar[str] = "crm.event_logs"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="log_piece_once")]

    def __str__(self) -> str:
        return f"piece {self.number} of {self.file_id}"


class LogRow(TenantOwned):
    """One event, as far as it is searched. Names of people and queries stay in the sealed file.

    Ids are the first fifteen characters, as logs write them. `rows` is null where the type of
    event does not tell.
    """

    file = models.ForeignKey(LogFile, on_delete=models.PROTECT, related_name="rows")
    connection = models.ForeignKey("crm.Connection", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    event_type = models.CharField(max_length=60)
    app_id = models.CharField(max_length=120, default="", blank=True)
    app_name = models.CharField(max_length=255, default="", blank=True)
    user_id = models.CharField(max_length=18, default="", blank=True)
    address = models.CharField(max_length=60, default="", blank=True)
    method = models.CharField(max_length=60, default="", blank=True)
    resource = models.CharField(max_length=300, default="", blank=True)
    entity = models.CharField(max_length=255, default="", blank=True)
    status = models.CharField(max_length=60, default="", blank=True)
    rows = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["connection", "-at", "-id"], name="log_rows_by_time"),
            models.Index(fields=["connection", "request_id"], name="log_rows_by_request"),
            models.Index(fields=["connection", "event_type", "at"], name="log_rows_by_type"),
            models.Index(fields=["connection", "app_id", "-at", "-id"], name="log_rows_by_app"),
            models.Index(fields=["connection", "user_id", "-at", "-id"], name="log_rows_by_user"),
            models.Index(
                fields=["connection", "address", "-at", "-id"], name="log_rows_by_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} at {self.at:%Y-%m-%d %H:%M:%S}"


class LogPolicy(TenantOwned):
    """How long a tenant keeps rows and contents of files; hashes stay."""

    keep_days = models.PositiveSmallIntegerField(default=USUAL_DAYS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_log_policy"),
            models.CheckConstraint(
                condition=models.Q(keep_days__gte=SHORTEST_DAYS, keep_days__lte=LONGEST_DAYS),
                name="log_policy_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.keep_days} days"
