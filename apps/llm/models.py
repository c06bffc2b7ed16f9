"""Model endpoints that the organisation hosts, each in a residency zone."""

from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField
from apps.residency.models import Zone


class Endpoint(TenantOwned):
    """An OpenAI-compatible server and the one model that we ask it for.

    `base_url` has no path: the API is under `/v1`. Address, zone and model change by proposal only.
    `health` says what the last check saw, in words.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "Not checked yet"
        HEALTHY = "healthy", "Healthy"
        FAILING = "failing", "Failing"

    name = models.CharField(max_length=80)
    base_url = models.CharField(max_length=200)
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="endpoints")
    model = models.CharField(max_length=120)
    api_key = SealedTextField()
    state = models.CharField(max_length=12, choices=State, default=State.CHECKING)
    health = models.CharField(max_length=300, blank=True, default="")
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="endpoint_name_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["checking", "healthy", "failing"]),
                name="endpoint_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name
