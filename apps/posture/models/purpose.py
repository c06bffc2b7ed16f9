"""What an app is for: what it may need, said by one person and approved by another."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.common.models import TenantOwned


class AppPurpose(TenantOwned):
    """The declared need of one app in one org. What was decided never changes again.

    `content_hash` is what the approval's fresh factor confirmed.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waits for approval"
        APPROVED = "approved", "In force"
        REFUSED = "refused", "Refused"
        SUPERSEDED = "superseded", "Superseded"

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.PROPOSED: frozenset({State.APPROVED, State.REFUSED, State.SUPERSEDED}),
        State.APPROVED: frozenset({State.SUPERSEDED}),
        State.REFUSED: frozenset(),
        State.SUPERSEDED: frozenset(),
    }

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, related_name="purposes"
    )
    app_key = models.CharField(max_length=60)
    app_label = models.CharField(max_length=255)
    words = models.CharField(max_length=400)
    scopes = models.JSONField(default=list)
    objects_named = models.JSONField(default=list)
    fields_named = models.JSONField(default=list)
    zones = models.JSONField(default=list)
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["connection", "app_key"], name="purposes_of_app")]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "app_key", "state"],
                condition=models.Q(state__in=["proposed", "approved"]),
                name="one_purpose_of_an_app",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "refused"])
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="purpose_decided_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"purpose of {self.app_label}"
