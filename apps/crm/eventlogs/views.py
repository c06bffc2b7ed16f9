"""Event logs in the browser: searching them, and taking new files."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.common.pages import page
from apps.crm import policies, selectors
from apps.crm.eventlogs import taking
from apps.crm.eventlogs.coverage import covered, gaps_of, types_of_calls
from apps.crm.eventlogs.hours import HEIGHT, WIDTH, bars_of, hours_of
from apps.crm.eventlogs.search import PERIODS, Page, Search, page_of, read_search
from apps.crm.eventlogs.words import sentence_of, sign_of
from apps.crm.models import Connection, LogRow, LogWatch
from apps.tenancy.views import acting


@require_GET
def logs(request: HttpRequest) -> HttpResponse:
    """What an org saw: events by time, app, person, address, type and request."""
    now = database_now()
    orgs = [o for o in selectors.list_connections() if o.state != Connection.State.DISCONNECTED]
    org = next((each for each in orgs if str(each.pk) == request.GET.get("org")), None)
    org = org or (orgs[0] if orgs else None)
    search, found, error = Search(period="1d", until=now), Page([], ""), None
    if org is not None:
        try:
            search = read_search(request.GET, now=now)
            found = page_of(search.rows(org), before=request.GET.get("before", ""))
        except Invalid as invalid:
            error = invalid
    context = {
        "orgs": orgs,
        "org": org,
        "search": search,
        "rows": found.rows,
        "error": error,
        "periods": [(code, words) for code, (words, _) in PERIODS.items()],
        "older_url": _older(request, found.older),
        **(_about(request, org, search) if org else {}),
    }
    return page(request, "crm/logs.html", context, title="Event logs", status=400 if error else 200)


@require_POST
def take(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Take new files now."""
    taking.ask_for_logs(actor=acting(request), connection_id=connection_id, now=database_now())
    return redirect(f"{reverse('crm:logs')}?org={connection_id}")


@never_cache
@require_GET
def progress(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """The live part; reloads the page once the files are taken."""
    org = selectors.get_connection_for(actor=acting(request), connection_id=connection_id)
    context = _progress(org, _watch(org), now=database_now())
    answer = render(request, "crm/_log_progress.html", context)
    if not context["poll_url"]:
        answer["HX-Refresh"] = "true"
    return answer


def _about(request: HttpRequest, org: Connection, search: Search) -> dict[str, Any]:
    since, until, watch = search.since, search.until, _watch(org)
    types = types_of_calls(org)
    observed = covered(org, types, since=since, until=until)
    counted = (search.kind,) if search.kind else types
    if search.kind:
        observed = covered(org, counted, since=since, until=until)
    hours = hours_of(
        search.rows(org).filter(event_type__in=counted), observed, since=since, until=until
    )
    period = LogRow.objects.filter(connection=org, at__gte=since, at__lt=until)
    apps = period.exclude(app_id="").order_by("app_name").values_list("app_id", "app_name")
    return {
        "watch": watch,
        "sign": sign_of(watch),
        "sentence": sentence_of(watch, observed, since=since, until=until),
        "gaps": gaps_of(observed, since=since, until=until)[-12:],
        "observed": observed,
        "bars": bars_of(hours),
        "hours": [hour for hour in hours if hour.calls],
        "total": sum(hour.calls or 0 for hour in hours),
        "most": max((hour.calls or 0 for hour in hours), default=0),
        "box": (WIDTH, HEIGHT),
        "apps": sorted(dict(apps.distinct()).items(), key=lambda pair: pair[1].lower()),
        "kinds": [
            (kind, kind)
            for kind in period.order_by("event_type")
            .values_list("event_type", flat=True)
            .distinct()
        ],
        "may_operate": policies.may_operate(acting(request), org).allowed,
        **_progress(org, watch, now=until),
    }


def _watch(org: Connection) -> LogWatch | None:
    found: LogWatch | None = LogWatch.objects.filter(connection=org).first()
    return found


def _progress(org: Connection, watch: LogWatch | None, *, now: datetime) -> dict[str, Any]:
    """Waiting for a worker counts as going on, for a minute."""
    waits = watch is not None and taking.is_awaited(watch, now=now)
    return {
        "done": watch.files_done if watch else 0,
        "total_files": watch.files_due if watch else 0,
        "poll_url": reverse("crm:logs-progress", args=[org.pk]) if waits else "",
    }


def _older(request: HttpRequest, cursor: str) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    query["before"] = cursor
    return f"?{query.urlencode()}"
