"""Pages of jobs and runs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.common.pages import page
from apps.crm.models import Connection
from apps.crm.selectors import list_connections
from apps.llm.models import Endpoint
from apps.llm.selectors import list_endpoints
from apps.residency.models import Purpose
from apps.sync import forms, policies, reading, selectors, services
from apps.sync.models import Job, Run, RunItem
from apps.tenancy.views import acting

MOST_ITEMS = 200
MOST_RUNS = 50


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """Every job and how its newest run stands."""
    lines = reading.job_lines()
    stuck = [line for line in lines if line.tone in {"danger", "attention"}]
    context = {"lines": lines, "stuck": stuck, "may_run": _may_run(request)}
    return page(request, "sync/jobs.html", context, title="Sync jobs")


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new job; the form shows which rule would decide."""
    error = None
    if request.method == "POST":
        try:
            job = services.create_job(
                actor=acting(request), job=forms.job_from(request.POST), now=database_now()
            )
        except Invalid as invalid:
            error = invalid
        else:
            messages.success(request, f"{job.name} is ready to run.")
            return redirect("sync:job", job_id=job.pk)
    context = {"typed": request.POST, "error": error, **_choices()}
    return page(
        request, "sync/create.html", context, title="New sync job", status=422 if error else 200
    )


@require_GET
def preview(request: HttpRequest) -> HttpResponse:
    """A fragment: what the policy would say about the job in the form."""
    connection = Connection.objects.filter(
        pk__in=filter(None, [forms.key(request.GET.get("connection_id", ""))])
    ).first()
    endpoint = Endpoint.objects.filter(
        pk__in=filter(None, [forms.key(request.GET.get("endpoint_id", ""))])
    ).first()
    fields = forms.fields_of(request.GET)
    shown = None
    if connection and endpoint and fields:
        purpose = request.GET.get("purpose", Purpose.CASE_SUMMARY)
        shown = reading.verdict_for(connection, endpoint, fields, purpose)
    return render(request, "sync/_verdict.html", {"shown": shown})


@require_GET
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What a job does, what the policy says about it now, and its runs."""
    found = selectors.get_job_for(actor=acting(request), job_id=job_id)
    runs = list(selectors.list_runs(job=found)[:MOST_RUNS])
    context = {
        "job": found,
        "shown": reading.verdict_of(found),
        "runs": [
            (run, reading.TONES[run.state], name) for run, name in reading.with_starters(runs)
        ],
        "live": next((run for run in runs if run.is_live), None),
        "may_start": policies.may_run_on(acting(request), found.connection).allowed,
    }
    return page(request, "sync/job.html", context, title=found.name)


@require_POST
def start(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Start a run."""
    run = services.start_run(actor=acting(request), job_id=job_id, now=database_now())
    return redirect("sync:run", run_id=run.pk)


@require_GET
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """How a run stands, who decided what, and what became of each record."""
    found = selectors.get_run_for(actor=acting(request), run_id=run_id)
    parked = request.GET.get("state") == RunItem.State.PARKED
    items = list(selectors.list_items(found, parked=parked)[:MOST_ITEMS])
    context = {
        **_run_context(found),
        "items": items,
        "more": len(items) == MOST_ITEMS,
        "starter": reading.with_starters([found])[0][1],
    }
    return page(request, "sync/run.html", context, title=str(found))


@require_GET
def progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A fragment: how far the run is; reloads the page once it has ended."""
    found = selectors.get_run_for(actor=acting(request), run_id=run_id)
    answer = render(request, "sync/_progress.html", _run_context(found))
    if not found.is_live:
        answer["HX-Refresh"] = "true"
    return answer


def _run_context(found: Run) -> dict[str, Any]:
    return {
        "run": found,
        "job": found.job,
        "tone": reading.TONES[found.state],
        "masks": found.effect == "mask",
    }


def _choices() -> dict[str, Any]:
    orgs = list_connections().exclude(state=Connection.State.DISCONNECTED)
    return {
        "connections": [(str(org.pk), f"{org.name} ({org.zone})") for org in orgs],
        "endpoints": [(str(one.pk), f"{one.name} ({one.zone})") for one in list_endpoints()],
        "purposes": Purpose.choices,
        "filters": Job.Filter.choices,
    }


def _may_run(request: HttpRequest) -> bool:
    return powers.RUN_SYNC in request.__dict__["powers"]
