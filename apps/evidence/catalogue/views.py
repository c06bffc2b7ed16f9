"""The control catalogue in the browser."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.common.clock import database_now
from apps.common.errors import Invalid, NotFound
from apps.common.pages import page
from apps.common.routes import address_for
from apps.evidence.catalogue import overview, selectors, services
from apps.evidence.catalogue.content import controls, frameworks
from apps.evidence.catalogue.models import CheckRun
from apps.evidence.catalogue.selectors import CheckStanding
from apps.tenancy.identity import acting


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check with the address of what proves it; empty when this person may not open it."""

    standing: CheckStanding
    title: str
    proof_url: str
    words: str


@never_cache
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """All controls: what needs somebody first, then by area."""
    asked = {name: request.GET.get(name, "") for name in ("result", "requirement")}
    error: Invalid | None = None
    wanted = overview.Filter()
    try:
        wanted = overview.read_filter(**asked)
    except Invalid as invalid:
        error = invalid
    standings = list(selectors.results_for().values())
    fitting = [each for each in standings if wanted.fits(each)]
    context = {
        **_run_context(),
        "areas": overview.group(fitting),
        "counts": overview.count(standings),
        "exceptions": [_row(request, each) for each in overview.exceptions(standings)],
        "frameworks": frameworks().values(),
        "requirements": overview.choices(),
        "asked": asked,
        "filtered": wanted != overview.Filter(),
        "wanted": wanted,
        "error": error,
    }
    status = 422 if error else 200
    return page(request, "evidence/controls.html", context, title="Controls", status=status)


@never_cache
@require_GET
def control(request: HttpRequest) -> HttpResponse:
    """One control: its words, whom it serves, its checks and what they found before."""
    control_id = request.GET.get("id", "")
    if control_id not in controls():
        raise NotFound("The catalogue has no such control.")
    standing = selectors.results_for([control_id])[control_id]
    context = {
        "standing": standing,
        "words": overview.words_for(standing.result),
        "rows": [_row(request, each) for each in standing.checks],
        "served": _by_framework(standing),
        "changes": selectors.list_changes(control_id),
    }
    title = f"{control_id} {standing.control.title}"
    return page(request, "evidence/control.html", context, title=title)


@never_cache
@require_GET
def framework(request: HttpRequest) -> HttpResponse:
    """One law or standard: each requirement and the controls that help to meet it."""
    found = frameworks().get(request.GET.get("code", ""))
    if found is None:
        raise NotFound("The catalogue knows no such law or standard.")
    served = overview.serve(found, selectors.results_for())
    context = {
        "framework": found,
        "frameworks": frameworks().values(),
        "served": served,
        "with_check": sum(bool(each.checked) for each in served),
    }
    return page(request, "evidence/framework.html", context, title=found.name)


@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Run all checks now."""
    services.request_run(actor=acting(request), now=database_now())
    messages.success(request, "The checks are being run.")
    return redirect("evidence:controls")


@require_GET
def run_progress(request: HttpRequest) -> HttpResponse:
    """The fragment that the waiting page fetches; tells the page to reload once it is over."""
    context = _run_context()
    answer = page(request, "evidence/controls_progress.html", context, title="Controls")
    if not context["running"]:
        answer["HX-Refresh"] = "true"
    return answer


def _run_context() -> dict[str, object]:
    latest = selectors.latest_run()
    running = latest is not None and _is_under_way(latest)
    return {
        "latest": latest,
        "finished": selectors.latest_finished_run(),
        "running": running,
        "poll_url": reverse("evidence:controls-progress") if running else "",
    }


def _is_under_way(latest: CheckRun) -> bool:
    recent = database_now() - latest.asked_at < services.GIVEN_UP_AFTER
    return latest.finished_at is None and recent


def _row(request: HttpRequest, standing: CheckStanding) -> CheckRow:
    held: frozenset[str] = getattr(request, "powers", frozenset())
    url = address_for(held, standing.check.proof) if standing.check.proof else ""
    title = controls()[standing.check.control].title
    return CheckRow(standing, title, url, overview.words_for(standing.result))


def _by_framework(standing: selectors.ControlStanding) -> list[dict[str, object]]:
    return [
        {
            "framework": each,
            "rows": [
                {"requirement": row, "url": "?" + urlencode({"requirement": row.key})}
                for row in standing.control.requirements
                if row.framework == each.code
            ],
        }
        for each in frameworks().values()
        if any(row.framework == each.code for row in standing.control.requirements)
    ]
