"""Runs of the checks, and what each check found. Results are insert-only."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.evidence.catalogue.results import WORDS
from apps.evidence.pack.content import RESULTS


class CheckRun(TenantOwned):
    """One pass over all checks: every night, or because somebody asked. Null: the schedule did."""

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "evidence"
        indexes = [models.Index(fields=["tenant", "-asked_at"], name="check_runs_by_time")]

    def __str__(self) -> str:
        return f"checks of {self.asked_at:%Y-%m-%d %H:%M}"


class CheckResult(TenantOwned):
    """What one check of one control found at one time, in a sentence."""

    run = models.ForeignKey(CheckRun, on_delete=models.PROTECT, related_name="results")
    control = models.CharField(max_length=10)
    name = models.CharField(max_length=60)
    result = models.CharField(max_length=10)
    sentence = models.CharField(max_length=400)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    append_only: ClassVar[bool] = True

    class Meta:
        app_label = "evidence"
        indexes = [models.Index(fields=["tenant", "name", "-at"], name="check_results_newest")]
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="a_check_once_a_run"),
            models.CheckConstraint(
                condition=models.Q(result__in=RESULTS), name="check_result_is_known"
            ),
        ]

    @property
    def words(self) -> str:
        """The word that people read for the result."""
        return WORDS[self.result]

    def __str__(self) -> str:
        return f"{self.control} {self.name}: {self.result}"
