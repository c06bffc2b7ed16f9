"""What was seen of an org's sign-ins, so that what is new can be told from what is not."""

from django.db import models

from apps.common.models import TenantOwned


class Sighting(TenantOwned):
    """An address of an account, a client, or an account whose sign-ins failed in a burst."""

    class Kind(models.TextChoices):
        ADDRESS = "address", "Address of an account"
        CLIENT = "client", "Client"
        BURST = "burst", "Burst of failed sign-ins"

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, related_name="sightings"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    account = models.CharField(max_length=18, default="", blank=True)
    name = models.CharField(max_length=120, default="", blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "account", "name"], name="sighting_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["address", "client", "burst"]),
                name="sighting_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} seen at {self.connection_id}"
