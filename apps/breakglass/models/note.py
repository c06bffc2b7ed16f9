"""What the org is to be told about a request, kept until the org has it."""

from django.db import models

from apps.breakglass.models.request import Request
from apps.common.models import TenantOwned


class CaseNote(TenantOwned):
    """One step of a request, to be published to the org that holds its case.

    An emergency may be the very time at which the org does not answer, so a note waits and is tried
    again; it never holds the request up. `case_found` is null while unknown, and stays so for a
    reference that names no Salesforce case.
    """

    class Step(models.TextChoices):
        SUBMITTED = "submitted", "Asked for"
        ACTIVATED = "activated", "Opened"
        ENDED = "ended", "Ended"

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="notes")
    step = models.CharField(max_length=10, choices=Step)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=60, default="", blank=True)
    case_found = models.BooleanField(null=True)
    written_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "step"], name="a_step_is_noted_once"),
            models.CheckConstraint(
                condition=models.Q(step__in=["submitted", "activated", "ended"]),
                name="noted_step_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.request_id}"
