"""Event log files in the browser: what is kept, for how long, and whether it is as it was taken."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid
from apps.common.pages import page
from apps.common.step_up import require_fresh_code
from apps.crm import policies
from apps.crm.eventlogs import checking, retention
from apps.crm.eventlogs.files import list_files, sign_of
from apps.crm.eventlogs.models import LONGEST_DAYS, SHORTEST_DAYS
from apps.crm.eventlogs.search import before_cursor, cursor_of
from apps.crm.eventlogs.showing import changed
from apps.crm.eventlogs.views import choose_org
from apps.crm.models import Connection
from apps.tenancy import policies as tenancy
from apps.tenancy.views import acting

PAGE = 50
CHANGE = "crm.event_log.keep"  # what a code is spent on


@never_cache
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """Every file of an org with its hash; with the power, for how many days they are kept."""
    error: DomainError | None = None
    now = database_now()
    if request.method == "POST":
        try:
            policy = change_days(request, request.POST.get("days", ""), now=now)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, f"Event logs are kept for {policy} days.")
            return redirect(request.get_full_path())
    org, orgs = choose_org(request)
    context = {
        "orgs": orgs,
        "org": org,
        "error": error,
        "typed": request.POST,
        **_kept(request, now),
        **(_listed(request, org) if org else {}),
    }
    status = 200
    if error is not None:
        status = 422 if isinstance(error, Invalid) else error.status
    return page(request, "crm/log_files.html", context, title="Event log files", status=status)


@require_POST
def check(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Compare one file with what the ledger has of it."""
    file = checking.check_file(actor=acting(request), file_id=file_id, now=database_now())
    if file.altered_at is None:
        messages.success(request, "It is as it was taken: content and rows agree with the ledger.")
    else:
        messages.error(request, "It is not as it was taken. The ledger has what was checked.")
    return redirect(f"{reverse('crm:log-files')}?org={file.connection_id}")


def change_days(request: HttpRequest, typed: str, *, now: datetime, code: str | None = None) -> int:
    """Change the days with a fresh code for exactly these. Raises `Invalid` naming the field."""
    policies.may_keep_logs(acting(request)).require()
    days = typed.strip()
    if not days.isascii() or not days.isdigit() or len(days) > 6:
        raise Invalid("Give a number of days.", field="days")
    retention.require_days(int(days))  # before a code is spent
    require_fresh_code(request, decision=CHANGE, about=days, now=now, code=code)
    policy = retention.change_days(actor=acting(request), days=int(days), now=now)
    return policy.keep_days


def _kept(request: HttpRequest, now: datetime) -> dict[str, Any]:
    return {
        "days": retention.days_kept(),
        "held": retention.is_held(),
        "due": retention.due_files(now=now).count(),
        "shortest": SHORTEST_DAYS,
        "longest": LONGEST_DAYS,
        "may_change": policies.may_keep_logs(acting(request)).allowed,
        "may_read_ledger": tenancy.may(acting(request), powers.READ_LEDGER).allowed,
    }


def _listed(request: HttpRequest, org: Connection) -> dict[str, Any]:
    files = list_files(org, replaced=request.GET.get("show") == "all")
    rows = before_cursor(files, request.GET.get("before", ""), column="starts_at")
    found = list(rows[: PAGE + 1])
    cursor = cursor_of(found[PAGE - 1], column="starts_at") if len(found) > PAGE else ""
    return {
        "lines": [{"file": file, "sign": sign_of(file)} for file in found[:PAGE]],
        "altered": checking.list_altered(org),
        "older_url": changed(request.GET, before=cursor) if cursor else "",
        "newest_url": changed(request.GET) if request.GET.get("before") else "",
        "may_operate": policies.may_operate(acting(request), org).allowed,
    }
