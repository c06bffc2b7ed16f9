"""What a thing was set to, and whether that passed its checks."""

from django.db import models

from apps.changes.models.proposal import Proposal
from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField


class Configuration(TenantOwned):
    """One version of one thing's configuration with the result of its checks.

    `passed` is null until it was checked. A change goes back to the newest that passed; where none
    did, to what was found before the first change (`proposal` is null there). `sealed_before` holds
    the secrets that this version displaced, for as long as it can be undone.
    """

    kind = models.CharField(max_length=20, choices=Proposal.Kind)
    target = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    value = models.JSONField()
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()
    checks = models.JSONField(default=list)
    passed = models.BooleanField(null=True)
    sealed_before = SealedTextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "target", "number"], name="configuration_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.target}"
