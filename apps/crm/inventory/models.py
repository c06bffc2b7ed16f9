"""Snapshots of who can reach an org, row by row."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField


class Snapshot(TenantOwned):
    """What the org said about apps, tokens, accounts and rights at one time.

    Complete only when every source was read in full; else incomplete, and `sources` says which.
    `beside` tells of what many orgs refuse (`inventory/beside.py`): a snapshot is complete without
    it, and what it lacks is unknown.
    `lacking` are permissions without which the console's user sees its own rows alone; null is
    unknown.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to start"
        RUNNING = "running", "Reading"
        COMPLETE = "complete", "Complete"
        INCOMPLETE = "incomplete", "Incomplete"
        FAILED = "failed", "Failed"

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.QUEUED: frozenset({State.RUNNING, State.FAILED}),
        State.RUNNING: frozenset({State.QUEUED, State.COMPLETE, State.INCOMPLETE, State.FAILED}),
        State.COMPLETE: frozenset(),
        State.INCOMPLETE: frozenset(),
        State.FAILED: frozenset(),
    }

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, related_name="snapshots"
    )
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    taken_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sources = models.JSONField(default=list)
    lacking = models.JSONField(null=True)
    content_hash = models.CharField(max_length=64, default="", blank=True)
    beside = models.JSONField(default=dict)
    error = models.CharField(max_length=400, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["connection", "-taken_at"], name="snapshot_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["queued", "running", "complete", "incomplete", "failed"]
                ),
                name="snapshot_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_snapshot_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"snapshot of {self.connection_id} at {self.taken_at:%Y-%m-%d %H:%M}"

    @property
    def has_all_tokens(self) -> bool:
        """Whether every token of the org is known to be in it."""
        states = [each["state"] for each in self.sources if each["source"] == "OauthToken"]
        return states == ["complete"]

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be read into it."""
        return not self.TRANSITIONS[self.state]


class SnapshotApp(TenantOwned):
    """A connected app or external client app. What the org does not tell is null: `scopes`,
    `ip_ranges` ("first-last"), whether the org lists it among the apps in use, and `token_count`
    where it does not list every token.

    `runs_as` is the account of its client credentials, by its id in the org.
    """

    class Kind(models.TextChoices):
        CONNECTED_APP = "connected_app", "Connected app"
        EXTERNAL_CLIENT_APP = "external_client_app", "External client app"
        NOT_INSTALLED = "not_installed", "Used, not installed"

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="apps")
    kind = models.CharField(max_length=20, choices=Kind)
    developer_name = models.CharField(max_length=255)
    label = models.CharField(max_length=255)
    org_app_id = models.CharField(max_length=18)
    scopes = models.JSONField(null=True)
    permitted_users = models.CharField(max_length=60, default="", blank=True)
    refresh_policy = models.CharField(max_length=120, default="", blank=True)
    ip_relaxation = models.CharField(max_length=60, default="", blank=True)
    ip_ranges = models.JSONField(null=True)
    client_credentials = models.BooleanField(null=True)
    runs_as = models.CharField(max_length=18, default="", blank=True)
    in_use = models.BooleanField(null=True)
    token_count = models.PositiveIntegerField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "org_app_id"], name="app_once_per_snapshot")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def app_key(self) -> str:
        """What names this app across snapshots: its kind and its id in the org."""
        return f"{self.kind}:{self.org_app_id}"


class SnapshotToken(TenantOwned):
    """One OAuth token of the org. The token's own value is never stored.

    `token_ref` is the handle that ends it (the DeleteToken), sealed; `token_digest` is that
    handle's SHA-256 and names the token across snapshots.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="tokens")
    token_ref = SealedTextField()
    token_digest = models.CharField(max_length=64)
    app_name = models.CharField(max_length=255)
    user_id = models.CharField(max_length=18)
    username = SealedTextField(default="")
    use_count = models.PositiveIntegerField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["snapshot", "app_name"], name="tokens_by_app")]
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "token_digest"], name="token_once_per_snapshot"
            )
        ]

    def __str__(self) -> str:
        return f"token of {self.app_name}"


class SnapshotAccount(TenantOwned):
    """A user of the org that an app acts as: integration users and every holder of a token.

    `login_ranges` ("first-last") are those of its profile; null where the org does not tell them.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="accounts")
    org_user_id = models.CharField(max_length=18)
    username = SealedTextField(default="")
    name = SealedTextField(default="")
    is_integration = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    licence = models.CharField(max_length=255, default="", blank=True)
    profile = models.CharField(max_length=255, default="", blank=True)
    last_login_at = models.DateTimeField(null=True)
    login_ranges = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "org_user_id"], name="account_once_per_snapshot"
            )
        ]

    def __str__(self) -> str:
        return self.org_user_id


class SnapshotAssignment(TenantOwned):
    """One permission set (or group of them) that an account holds.

    `dangerous` lists the permissions in it that reach beyond single records; null means that the
    set could not be read. `muted` lists what a group's muting set takes away again, as pairs of
    permission and set. `set_ids` are the sets behind it: a group's members, or the set itself.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="assignments")
    account = models.ForeignKey(
        SnapshotAccount, on_delete=models.PROTECT, related_name="assignments"
    )
    assignment_id = models.CharField(max_length=18)
    permission_set_id = models.CharField(max_length=18, default="", blank=True)
    permission_set_name = models.CharField(max_length=255, default="", blank=True)
    label = models.CharField(max_length=255, default="", blank=True)
    via_group_id = models.CharField(max_length=18, default="", blank=True)
    owned_by_profile = models.BooleanField(default=False)
    dangerous = models.JSONField(null=True)
    muted = models.JSONField(default=list)
    set_ids = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["snapshot", "account"], name="assignments_by_account")]

    def __str__(self) -> str:
        return f"{self.permission_set_name} of {self.account_id}"


class SnapshotPermissionSet(TenantOwned):
    """What one permission set (a profile's too) gives on objects and fields.

    `objects` maps API names to letters: Create, Read, Edit, Delete, View all, Modify all. `fields`
    maps `Object.Field` to R or RE, for watched objects only. Null where it could not be read.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="permission_sets")
    set_id = models.CharField(max_length=18)
    label = models.CharField(max_length=255, default="", blank=True)
    objects_given = models.JSONField(null=True)
    fields_given = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "set_id"], name="set_once_per_snapshot")
        ]

    def __str__(self) -> str:
        return self.label


class SnapshotField(TenantOwned):
    """One field of a watched object: its classification, and whether it is encrypted.

    `encrypted` is null where the console's user may not see the field.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="fields")
    object_name = models.CharField(max_length=80)
    field_name = models.CharField(max_length=80)
    classification = models.CharField(max_length=60, default="", blank=True)
    compliance = models.CharField(max_length=255, default="", blank=True)
    encrypted = models.BooleanField(null=True)
    calculated = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "object_name", "field_name"], name="field_once_per_snapshot"
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_name}.{self.field_name}"
