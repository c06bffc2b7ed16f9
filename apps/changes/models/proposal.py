"""A change that somebody wants, before and after it happened."""

import json
from typing import Any

from django.conf import settings
from django.db import models

from apps.changes import content
from apps.changes.states import OPEN, State
from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField


class Proposal(TenantOwned):
    """One change of one thing: what it is now (`base`), what it shall be (`wanted`), and why.

    `target` names the thing within its kind. `preflight` says what the change would do to known
    callers, as last computed; `checks` what was looked at after it was applied. New secrets
    wait sealed until they are applied and are named by digests in `wanted`; the preflight holds
    addresses and is sealed. `revision` counts how often the content was written.
    """

    class Kind(models.TextChoices):
        SCOPE_BASELINE = "scope_baseline", "Approved scopes of an app"
        TOKEN_NETWORKS = "token_networks", "Networks of an API token"
        ORG_NETWORKS = "org_networks", "Networks of an org's callers"
        CONNECTION = "connection", "Settings of an org's connection"
        FLOW_POLICY = "flow_policy", "Flow policy"
        ENDPOINT = "endpoint", "Model endpoint"
        ZONE_PATH = "zone_path", "Paths to a zone's orgs"

    kind = models.CharField(max_length=20, choices=Kind)
    target = models.CharField(max_length=120)
    target_name = models.CharField(max_length=255)
    base = models.JSONField()
    wanted = models.JSONField()
    content_hash = models.CharField(max_length=64)
    revision = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=400)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    author_person = models.UUIDField()
    state = models.CharField(max_length=12, choices=State, default=State.PROPOSED)
    sealed_preflight = SealedTextField(default="")
    sealed_secrets = SealedTextField(null=True)
    checks = models.JSONField(default=list)
    outcome = models.CharField(max_length=400, default="", blank=True)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-proposed_at", "-id"], name="changes_by_time"),
            models.Index(fields=["tenant", "kind", "target"], name="changes_of_thing"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "target"],
                condition=models.Q(state__in=OPEN),
                name="one_open_change_per_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="change_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.target_name}"

    def hash_now(self) -> str:
        """The hash of what is stored now."""
        base: dict[str, Any] = self.base
        return content.content_hash(
            kind=self.kind,
            target=self.target,
            base=base,
            wanted=self.wanted,
            reason=self.reason,
        )

    @property
    def preflight(self) -> dict[str, Any]:
        """What the change would do to known callers, opened."""
        found: dict[str, Any] = json.loads(str(self.sealed_preflight) or "{}")
        return found
