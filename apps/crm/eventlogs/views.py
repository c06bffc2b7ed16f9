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
from apps.crm.eventlogs import showing, taking
from apps.crm.eventlogs.lines import lines_of
from apps.crm.eventlogs.search import Page, Search, page_of, read_search, usual_search
from apps.crm.models import Connection, LogWatch
from apps.tenancy.views import acting


@require_GET
def logs(request: HttpRequest) -> HttpResponse:
    """What an org saw: events by time, app, person, address, type and request."""
    now = database_now()
    org, orgs = choose_org(request)
    search, found, error = usual_search(now=now), Page([], ""), None
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
        "error": error,
        "periods": showing.periods_of(request.GET, search),
        "older_url": showing.changed(request.GET, before=found.older) if found.older else "",
        "newest_url": showing.changed(request.GET) if request.GET.get("before") else "",
        **(_about(request, org, search, found) if org else {}),
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


def choose_org(request: HttpRequest) -> tuple[Connection | None, list[Connection]]:
    """The org that the address names, else the first, and all there are."""
    orgs = [o for o in selectors.list_connections() if o.state != Connection.State.DISCONNECTED]
    org = next((each for each in orgs if str(each.pk) == request.GET.get("org")), None)
    return org or (orgs[0] if orgs else None), orgs


def _about(request: HttpRequest, org: Connection, search: Search, found: Page) -> dict[str, Any]:
    watch = _watch(org)
    shown = showing.about(org, search, watch)
    names = dict(shown["apps"])
    return {
        "watch": watch,
        **shown,
        "typed": showing.typed_of(search),
        "lines": showing.with_links(request.GET, lines_of(found.rows, names)),
        "chips": showing.chips_of(request.GET, search, names),
        "all_url": f"?org={org.pk}",
        "may_operate": policies.may_operate(acting(request), org).allowed,
        **_progress(org, watch, now=database_now()),
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
