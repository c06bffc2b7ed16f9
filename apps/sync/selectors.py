"""Reads of jobs and runs."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.sync.models import Job, Run, RunItem
from apps.tenancy import policies

STALLED_AFTER = timedelta(seconds=60)


def list_jobs() -> models.QuerySet[Job]:
    """Jobs of the open tenant with org, endpoint and zones, by name."""
    return Job.objects.select_related("connection__zone", "endpoint__zone").order_by("name")


def get_job_for(*, actor: Actor, job_id: UUID) -> Job:
    """One job that the actor may see. Raises `Denied`, `NotFound`."""
    policies.may(actor, powers.READ_SYNC).require()
    job = list_jobs().filter(id=job_id).first()
    if job is None:
        raise NotFound("There is no such job here.")
    return job


def list_runs(*, job: Job | None = None) -> models.QuerySet[Run]:
    """Runs, newest first; of one job if given."""
    runs = Run.objects.select_related("job").order_by("-queued_at", "-id")
    return runs.filter(job=job) if job else runs


def get_run_for(*, actor: Actor, run_id: UUID) -> Run:
    """One run that the actor may see. Raises `Denied`, `NotFound`."""
    policies.may(actor, powers.READ_SYNC).require()
    run: Run | None = (
        Run.objects.select_related("job__connection__zone", "job__endpoint__zone")
        .filter(id=run_id)
        .first()
    )
    if run is None:
        raise NotFound("There is no such run here.")
    return run


def lock_run(*, run_id: UUID) -> Run | None:
    """A run locked for background work, with its job; None when there is none."""
    locked: Run | None = (
        Run.objects.select_for_update(of=("self",))
        .select_related("job__connection", "job__endpoint")
        .filter(id=run_id)
        .first()
    )
    return locked


def list_items(run: Run, *, parked: bool = False) -> models.QuerySet[RunItem]:
    """What became of each record, newest first; only the parked ones if asked."""
    items: models.QuerySet[RunItem] = run.items.order_by("-at", "-record_id")
    return items.filter(state=RunItem.State.PARKED) if parked else items


def starter_of(run: Run) -> User | None:
    """Who started the run; None once that person has left the tenant and is out of sight."""
    return User.objects.filter(pk=run.started_by_id).first()


def names_of_starters(runs: Iterable[Run]) -> dict[UUID, str]:
    """Names of those who started these runs, by their ids; who has left the tenant is absent."""
    ids = {run.started_by_id for run in runs}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))


def list_stalled(*, now: datetime) -> list[UUID]:
    """Live runs of the open tenant that showed no sign of life and are due."""
    stalled = Run.objects.filter(
        models.Q(resume_at=None) | models.Q(resume_at__lte=now),
        state__in=Run.LIVE,
        heartbeat_at__lt=now - STALLED_AFTER,
    )
    return list(stalled.values_list("id", flat=True))
