"""Reads of the catalogue: how each control stands, now or at an earlier time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, Window
from django.db.models.functions import Lag, Now

from apps.evidence.catalogue import registry
from apps.evidence.catalogue.content import Control, controls
from apps.evidence.catalogue.models import CheckResult, CheckRun
from apps.evidence.catalogue.purposes import for_purpose
from apps.evidence.catalogue.registry import Check
from apps.evidence.catalogue.results import worst
from apps.evidence.pack.content import Result

__all__ = ["CheckStanding", "ControlStanding", "for_purpose", "latest_run", "results_for"]
HISTORY = timedelta(days=400)
MOST_CHANGES = 30


@dataclass(frozen=True, slots=True)
class CheckStanding:
    """A check and its last result; never run means unknown."""

    check: Check
    result: Result
    sentence: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ControlStanding:
    """A control and its checks' last results. One without checks is planned, and unknown."""

    control: Control
    checks: tuple[CheckStanding, ...]

    @property
    def is_planned(self) -> bool:
        return not self.checks

    @property
    def result(self) -> Result:
        return worst(each.result for each in self.checks)

    @property
    def at(self) -> datetime | None:
        """When the oldest of its results was found; None when some check never ran."""
        times = [each.at for each in self.checks]
        return None if None in times or not times else min(at for at in times if at)


def results_for(
    wanted: Iterable[str] | None = None, until: datetime | None = None
) -> dict[str, ControlStanding]:
    """How these controls (by default all) stood by the results found until then, by id.

    Two queries, however many. Raises `KeyError` for a control the catalogue does not have.
    """
    known = controls()
    newest = _newest(until)
    ids = tuple(known) if wanted is None else tuple(wanted)
    return {key: _standing(known[key], newest) for key in ids}


def latest_run() -> CheckRun | None:
    """The newest run of the checks, finished or under way."""
    runs = CheckRun.objects.select_related("asked_by")
    newest: CheckRun | None = runs.order_by("-asked_at", "-id").first()
    return newest


def latest_finished_run() -> CheckRun | None:
    """The newest run that has results."""
    runs = CheckRun.objects.filter(finished_at__isnull=False).select_related("asked_by")
    newest: CheckRun | None = runs.order_by("-asked_at", "-id").first()
    return newest


def list_changes(control_id: str) -> list[CheckResult]:
    """The last results of a control that differ from the one before, newest first."""
    before = Window(Lag("result"), partition_by=F("name"), order_by=[F("at").asc(), F("id").asc()])
    rows = CheckResult.objects.filter(control=control_id, at__gte=Now() - HISTORY)
    differs = Q(before__isnull=True) | ~Q(before=F("result"))
    changed = rows.annotate(before=before).filter(differs)
    return list(changed.order_by("-at", "name")[:MOST_CHANGES])


def newest_results() -> dict[str, CheckResult]:
    """The last result of each check, by the check's name."""
    return _newest(None)


def _newest(until: datetime | None) -> dict[str, CheckResult]:
    rows = CheckResult.objects.all() if until is None else CheckResult.objects.filter(at__lte=until)
    return {row.name: row for row in rows.order_by("name", "-at", "-id").distinct("name")}


def _standing(control: Control, newest: dict[str, CheckResult]) -> ControlStanding:
    rows = tuple(_check(each, newest.get(each.name)) for each in registry.checks_of(control.id))
    return ControlStanding(control, rows)


def _check(each: Check, found: CheckResult | None) -> CheckStanding:
    if found is None:
        return CheckStanding(each, "unknown", "This check has not been run yet.", None)
    return CheckStanding(each, worst([found.result]), found.sentence, found.at)
