"""What keeps the console out of an org, from when until when."""

from django.db import models

from apps.common.models import TenantOwned


class Trouble(TenantOwned):
    """One cause that an org's answers showed, seen once or often, until a session worked again.

    `evidence` holds codes and counts of the answers, never their texts: those may name people.
    `certain` is false where the vendor does not publish the sign that gave the cause away.
    `retry_at` is when asking again is safe; null says that someone has to mend something first.
    """

    connection = models.ForeignKey(
        "crm.Connection", on_delete=models.PROTECT, related_name="troubles"
    )
    cause = models.CharField(max_length=40)
    certain = models.BooleanField()
    evidence = models.JSONField(default=dict)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    retry_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "cause"],
                condition=models.Q(ended_at__isnull=True),
                name="trouble_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.cause} since {self.first_at:%Y-%m-%d %H:%M}"
