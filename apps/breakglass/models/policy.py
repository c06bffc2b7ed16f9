"""How many must sign, and how long things may last. A change is a new version, never an update."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.tenancy.roles import Role

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=24)


class EmergencyPolicy(TenantOwned):
    """One version of a tenant's rules. Insert-only: a request keeps the version it was made under.

    Each role's quorum is at least one; the database refuses less, because a quorum of nobody is an
    open door. `approval_life` is how long a signature counts while others are still missing.
    `spooling`: reads go on while the ledger cannot be written, kept and signed on the host's disk.
    """

    version = models.PositiveIntegerField()
    legal_quorum = models.PositiveSmallIntegerField(default=1)
    it_quorum = models.PositiveSmallIntegerField(default=1)
    max_duration = models.DurationField(default=timedelta(hours=4))
    pending_life = models.DurationField(default=timedelta(hours=1))
    approval_life = models.DurationField(default=timedelta(hours=1))
    max_records = models.PositiveSmallIntegerField(default=20)
    spooling = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    append_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "version"], name="policy_version_once"),
            models.CheckConstraint(
                condition=models.Q(legal_quorum__gte=1, it_quorum__gte=1),
                name="quorum_is_never_nobody",
            ),
            models.CheckConstraint(
                condition=models.Q(max_duration__gte=SHORTEST, max_duration__lte=LONGEST),
                name="policy_duration_is_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(pending_life__gt=timedelta(0), approval_life__gt=timedelta(0)),
                name="policy_lives_are_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"emergency policy v{self.version}"

    @property
    def quorum(self) -> dict[str, int]:
        """How many distinct people must sign in each role."""
        return {Role.LEGAL_APPROVER: self.legal_quorum, Role.IT_APPROVER: self.it_quorum}
