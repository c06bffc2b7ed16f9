"""Apps and scopes in the browser: all of an org, one app, and approving its scopes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.accounts.models import User
from apps.common import powers
from apps.common.clock import database_now
from apps.common.pages import page
from apps.crm import selectors as crm
from apps.crm.models import Connection, SnapshotApp
from apps.crm.words import words_of_ip, words_of_refresh
from apps.ledger import selectors as ledger
from apps.posture import policies, selectors, services
from apps.posture.comparison import MATCHES, Comparison
from apps.posture.findings.reading import list_findings_about
from apps.posture.listing import Listed, counts_of, narrowed, page_of
from apps.posture.matrix import (
    advice_of,
    columns_of,
    lines_of_app,
    observation_of,
    rows_of,
    summary_of,
)
from apps.posture.models import AppPurpose
from apps.posture.scopes.showing import fields_of_purpose, ranges_of, reach_of_app
from apps.tenancy import policies as tenancy
from apps.tenancy.views import acting


@require_GET
def apps(request: HttpRequest) -> HttpResponse:
    """Every app of one org: approved beside granted, page by page; what agrees folds away."""
    orgs = [org for org in crm.list_connections() if org.state != Connection.State.DISCONNECTED]
    org = _chosen(orgs, request.GET.get("org", ""))
    snapshot = crm.latest_snapshot(org) if org else None
    comparisons = selectors.compare_snapshot(snapshot) if snapshot else []
    listed = _listed(comparisons, request)
    columns = columns_of(comparisons)
    context = {
        "orgs": orgs,
        "org": org,
        "snapshot": snapshot,
        "summary": summary_of(comparisons),
        "columns": columns,
        "rows": rows_of(listed.rows, columns),
        "listed": listed,
        "older": _beside(request, listed.older),
        "newer": _beside(request, listed.newer),
        "filters": counts_of(comparisons),
        "agreeing": sum(each.standing == MATCHES for each in comparisons),
        "is_narrowed": _is_narrowed(request),
        "gone": selectors.list_gone(snapshot, comparisons) if snapshot else [],
        "search": request.GET.get("q", "")[:80],
    }
    return page(request, "posture/apps.html", context, title="Apps & scopes")


@require_GET
def app(request: HttpRequest, app_id: UUID) -> HttpResponse:
    """One app's scope matrix and the baselines it had."""
    actor = acting(request)
    found = selectors.get_app_for(actor=actor, app_id=app_id)
    about = _about(found)
    context = {
        **about,
        **_reaches(found, about["comparison"].purpose),
        "history": _history(found),
        "findings": list_findings_about(found.snapshot.connection_id, found.app_key)[:20],
        "purpose": selectors.list_purposes(found.snapshot.connection, found.app_key).first(),
        "refresh_words": words_of_refresh(found.refresh_policy),
        "ip_words": words_of_ip(found.ip_relaxation),
        "may_read_ledger": tenancy.may(actor, powers.READ_LEDGER).allowed,
        "may_approve": policies.may_approve_baseline(actor, found),
        "may_propose": policies.may_propose_purpose(actor, found.snapshot.connection),
        "may_revoke": policies.may_revoke(actor, found.snapshot.connection),
    }
    return page(request, "posture/app.html", context, title=found.label)


@never_cache
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, app_id: UUID) -> HttpResponse:
    """What an approval fixes, then a fresh code, then the proof."""
    actor = acting(request)
    found = selectors.get_app_for(actor=actor, app_id=app_id)
    policies.may_approve_baseline(actor, found).require()
    error: WrongCode | FactorRefused | None = None
    if request.method == "POST":
        try:
            _approve(actor, found, request.POST.get("code", ""))
        except (WrongCode, FactorRefused) as refused:
            error = refused
        else:
            messages.success(request, f"The scopes of {found.label} are the baseline now.")
            return redirect("posture:app", found.pk)
    context = {**_about(found), "hash": services.content_hash(found), "error": error}
    title = f"Approve the scopes of {found.label}"
    return page(request, "posture/approve.html", context, title=title, status=422 if error else 200)


def _approve(actor: User, found: SnapshotApp, code: str) -> None:
    now = database_now()
    factor = accounts.prove(
        user=actor,
        code=code,
        decision=services.DECISION,
        subject=services.content_hash(found),
        now=now,
    )
    services.approve_baseline(actor=actor, app=found, factor=factor, now=now)


def _reaches(found: SnapshotApp, purpose: AppPurpose | None) -> dict[str, Any]:
    """From where an app may be used, what it reaches, and how those fields are kept."""
    ranges, fence = ranges_of(found, purpose)
    return {
        "ranges": ranges,
        "fence": fence,
        "reaches": reach_of_app(found, purpose),
        "restricted": fields_of_purpose(found, purpose),
        "fields_unread": found.snapshot.beside.get("fields_unread", {}),
    }


def _about(found: SnapshotApp) -> dict[str, Any]:
    comparison = selectors.compare_app(found, now=database_now())
    lines = lines_of_app(comparison)
    return {
        "app": found,
        "org": found.snapshot.connection,
        "comparison": comparison,
        "lines": [line for line in lines if line.differs],
        "same": [line for line in lines if not line.differs],
        "advice": advice_of(comparison),
        "observation": observation_of(comparison),
    }


def _history(found: SnapshotApp) -> list[dict[str, Any]]:
    baselines = selectors.list_baselines(found.snapshot.connection, found.app_key)[:20]
    return [{"baseline": each, "event": ledger.list_path_of(each).first()} for each in baselines]


def _chosen(orgs: list[Connection], wanted: str) -> Connection | None:
    for org in orgs:
        if str(org.pk) == wanted:
            return org
    return orgs[0] if orgs else None


def _is_narrowed(request: HttpRequest) -> bool:
    return bool(request.GET.get("show") or request.GET.get("q"))


def _listed(comparisons: list[Comparison], request: HttpRequest) -> Listed:
    """The page that was asked for; without a filter or search, of what needs a look."""
    if _is_narrowed(request):
        found = narrowed(comparisons, request.GET)
    else:
        found = [each for each in comparisons if each.standing != MATCHES]
    return page_of(found, after=request.GET.get("after", ""))


def _beside(request: HttpRequest, after: str | None) -> str:
    """The address of a page beside this one; empty where there is none."""
    if after is None:
        return ""
    query = request.GET.copy()
    query["after"] = after
    return f"?{query.urlencode()}"
