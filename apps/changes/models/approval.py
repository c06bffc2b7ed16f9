"""Somebody else's yes to a proposal."""

import json
from typing import Any

from django.conf import settings
from django.db import models

from apps.changes.models.proposal import Proposal
from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField


class Approval(TenantOwned):
    """A yes to one content of a proposal, with one fresh factor, and the preflight it was given on.

    Never changed; void once the content changes or its giver may no longer approve.
    """

    class Void(models.TextChoices):
        CONTENT_CHANGED = "content_changed", "The content changed"
        AUTHORITY_LOST = "authority_lost", "Its giver may no longer approve this"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="approvals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    author_person = models.UUIDField()
    content_hash = models.CharField(max_length=64)
    sealed_preflight = SealedTextField()
    factor = models.OneToOneField(
        "accounts.FreshFactor", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=20, choices=Void, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"],
                condition=models.Q(voided_at__isnull=True),
                name="one_standing_approval",
            ),
            models.CheckConstraint(
                condition=~models.Q(person_id=models.F("author_person")),
                name="approved_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"approval of {self.proposal_id}"

    @property
    def preflight(self) -> dict[str, Any]:
        """What the change would do to known callers, opened."""
        found: dict[str, Any] = json.loads(str(self.sealed_preflight) or "{}")
        return found
