"""From where API tokens are used."""

from typing import ClassVar

from django.db import models

from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField
from apps.custody.models.tokens import IssuedToken


class TokenCaller(TenantOwned):
    """Calls with one API token from one address on one day (UTC).

    The address is sealed; `address_mac`, keyed outside the database, finds it again. `refused`
    counts the calls that the token's networks kept out.
    """

    token = models.ForeignKey(IssuedToken, on_delete=models.PROTECT, related_name="callers")
    address = SealedTextField()
    address_mac = models.CharField(max_length=64)
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    last_seen_at = models.DateTimeField()

    sealed_purpose: ClassVar[str] = "custody.callers"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "address_mac", "day"], name="caller_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"callers of {self.token_id} on {self.day}"
