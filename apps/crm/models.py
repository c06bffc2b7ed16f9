"""Connections to Salesforce orgs and their tokens; every other model of this app by its name."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.crm.anomalies.models import Sighting
from apps.crm.diagnosis.models import Trouble
from apps.crm.eventlogs.models import LogFile, LogPiece, LogPolicy, LogRow, LogWatch
from apps.crm.inventory.models import (
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotAssignment,
    SnapshotField,
    SnapshotPermissionSet,
    SnapshotToken,
)
from apps.custody.fields import SealedTextField

__all__ = [
    "Connection",
    "InstancePlace",
    "LogFile",
    "LogPiece",
    "LogPolicy",
    "LogRow",
    "LogWatch",
    "OrgToken",
    "PrivateZone",
    "Sighting",
    "Snapshot",
    "SnapshotAccount",
    "SnapshotApp",
    "SnapshotAssignment",
    "SnapshotField",
    "SnapshotPermissionSet",
    "SnapshotToken",
    "Trouble",
]


class Connection(TenantOwned):
    """One Salesforce org of a tenant, how the console signs in to it, and how that stands."""

    class Flow(models.TextChoices):
        JWT_BEARER = "jwt_bearer", "JWT bearer (private key)"
        CLIENT_CREDENTIALS = "client_credentials", "Client credentials (key and secret)"
        REFRESH_TOKEN = "refresh_token", "Refresh token"

    class Path(models.TextChoices):
        PUBLIC = "public", "Public internet"
        PRIVATE_CONNECT = "private_connect", "Private Connect"

    class State(models.TextChoices):
        CONNECTING = "connecting", "Connecting"
        HEALTHY = "healthy", "Healthy"
        FAILING = "failing", "Failing"
        DISCONNECTED = "disconnected", "Disconnected"

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.CONNECTING: frozenset({State.HEALTHY, State.FAILING, State.DISCONNECTED}),
        State.HEALTHY: frozenset({State.FAILING, State.DISCONNECTED}),
        State.FAILING: frozenset({State.HEALTHY, State.DISCONNECTED}),
        State.DISCONNECTED: frozenset(),
    }

    name = models.CharField(max_length=80)
    host = models.CharField(max_length=255)
    zone = models.ForeignKey("residency.Zone", on_delete=models.PROTECT, related_name="+")
    flow = models.CharField(max_length=20, choices=Flow)
    client_id = models.CharField(max_length=255)
    username = models.CharField(max_length=255, default="", blank=True)
    private_key = SealedTextField(default="")
    client_secret = SealedTextField(default="")
    state = models.CharField(max_length=14, choices=State, default=State.CONNECTING)
    last_error = models.CharField(max_length=400, default="", blank=True)
    org_id = models.CharField(max_length=18, default="", blank=True)
    org_name = models.CharField(max_length=255, default="", blank=True)
    instance_name = models.CharField(max_length=40, default="", blank=True)
    check_asked_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    api_used = models.PositiveIntegerField(null=True)
    api_allowed = models.PositiveIntegerField(null=True)
    api_seen_at = models.DateTimeField(null=True)
    reserve_percent = models.PositiveSmallIntegerField(default=10)
    calls_at_once = models.PositiveSmallIntegerField(default=10)
    path = models.CharField(max_length=20, choices=Path, default=Path.PUBLIC)
    networks = models.JSONField(default=list)  # of its callers; none means everywhere
    watched_objects = models.JSONField(default=list)  # whose fields snapshots read
    resolved_to = models.JSONField(default=list)
    resolved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        permissions = [
            ("operate_connection", "Operate the org"),
            ("approve_emergency", "Approve emergency access to the org"),
            ("review_connection", "Review access to the org"),
            ("export_connection", "Export evidence about the org"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                condition=~models.Q(state="disconnected"),
                name="connection_name_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["connecting", "healthy", "failing", "disconnected"]),
                name="connection_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(flow__in=["jwt_bearer", "client_credentials", "refresh_token"]),
                name="connection_flow_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(path__in=["public", "private_connect"]),
                name="connection_path_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(reserve_percent__lte=90, calls_at_once__range=(1, 25)),
                name="connection_budget_is_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_second_grant(self) -> bool:
        """Whether a key stands behind the refresh token."""
        return self.flow == self.Flow.REFRESH_TOKEN and bool(self.private_key)

    @property
    def is_being_checked(self) -> bool:
        """Whether a check was asked for and its outcome is still to come."""
        if self.check_asked_at is None or self.state == self.State.DISCONNECTED:
            return False
        return self.checked_at is None or self.checked_at < self.check_asked_at


class InstancePlace(TenantOwned):
    """Where instances whose names begin like this are said to be, by whom, and since when.

    A tenant's own table: names prove nothing, so whoever enters a line answers for its source.
    """

    prefix = models.CharField(max_length=20)
    place = models.CharField(max_length=120)
    source = models.CharField(max_length=255)
    source_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "prefix"], name="instance_place_once")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}: {self.place}"


class PrivateZone(TenantOwned):
    """A zone whose orgs may be called by a private path only. No row, no such rule."""

    zone = models.OneToOneField("residency.Zone", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"private path for {self.zone_id}"


class OrgToken(TenantOwned):
    """The tokens of one connection. Written by the token broker only.

    `generation` counts successful refreshes; whoever waits for another process's refresh watches
    it. A refused refresh leaves the tokens as they are and notes why.
    """

    connection = models.OneToOneField(Connection, on_delete=models.PROTECT, related_name="token")
    access_token = SealedTextField(default="")
    refresh_token = SealedTextField(default="")
    generation = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    refused_code = models.CharField(max_length=60, default="", blank=True)
    refused_words = models.CharField(max_length=400, default="", blank=True)

    sealed_purpose: ClassVar[str] = "crm.tokens"

    def __str__(self) -> str:
        return f"tokens of {self.connection_id}, generation {self.generation}"
