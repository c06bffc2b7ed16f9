"""All reviews, opening one, one review with its items, and how its revocations go."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.common.dates import read_day
from apps.common.errors import Conflict, DomainError, Invalid
from apps.common.pages import page
from apps.crm import selectors as crm
from apps.crm.models import Connection, Snapshot, SnapshotAssignment, SnapshotToken
from apps.reviews import policies, selectors, services, words
from apps.reviews.models import Campaign, CampaignState, Choice
from apps.tenancy.views import acting

MOST_CAMPAIGNS = 200
PAGE = 250
USUAL_DAYS = 14


@require_GET
def campaigns(request: HttpRequest) -> HttpResponse:
    """Reviews that need someone first, then those that ended."""
    now = database_now()
    rows = list(selectors.list_campaigns(actor=acting(request))[:MOST_CAMPAIGNS])
    listed = [_listed(row, now=now) for row in rows]
    context = {
        "running": [row for row in listed if row["running"]],
        "ended": [row for row in listed if not row["running"]],
        "overdue": sum(row["overdue"] for row in listed),
        "snapshots": [] if rows else _options(),
    }
    return page(request, "reviews/campaigns.html", context, title="Access reviews")


@require_http_methods(["GET", "POST"])
def open_form(request: HttpRequest) -> HttpResponse:
    """Choose a snapshot and a deadline, and see what the review will hold."""
    error: DomainError | None = None
    usual = (database_now() + timedelta(days=USUAL_DAYS)).date()
    typed = {"snapshot": request.GET.get("snapshot", ""), "name": "", "due": str(usual)}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        try:
            campaign = _open(acting(request), typed)
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            messages.success(request, f"{campaign.name} has started.")
            return redirect("reviews:campaign", campaign.pk)
    context = {"snapshots": _options(), "typed": typed, "error": error}
    status = 422 if error else 200
    return page(request, "reviews/open.html", context, title="Open an access review", status=status)


@never_cache
@require_GET
def campaign(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """One review: how it stands, the next step, its items with the riskiest first."""
    actor = acting(request)
    found = selectors.get_campaign_for(actor=actor, campaign_id=campaign_id)
    items = _filtered(selectors.list_items(found), request, actor)
    rows, cursor = selectors.items_after(items, after=request.GET.get("after", ""), limit=PAGE)
    context = {
        **_standing(found, actor),
        "groups": words.grouped(rows),
        "cursor": cursor,
        "older": _with(request, after=cursor) if cursor else "",
        "first_open": selectors.first_undecided(found, actor=actor),
        "known_low": selectors.count_known_low(found),
    }
    return page(request, "reviews/campaign.html", context, title=found.name)


@never_cache
@require_GET
def progress(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """The live part of a signed review, for htmx."""
    actor = acting(request)
    found = selectors.get_campaign_for(actor=actor, campaign_id=campaign_id)
    return render(request, "reviews/progress.html", _standing(found, actor))


@require_POST
def start(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Start a prepared review."""
    services.start_review(actor=acting(request), campaign_id=campaign_id, now=database_now())
    return redirect("reviews:campaign", campaign_id)


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Cancel a review, or close one with exceptions: each only with a reason."""
    actor = acting(request)
    found = selectors.get_campaign_for(actor=actor, campaign_id=campaign_id)
    unsigned = found.state in {CampaignState.READY, CampaignState.IN_REVIEW}
    error: Invalid | None = None
    if request.method == "POST":
        act = services.cancel_review if unsigned else services.close_with_exceptions
        note = request.POST.get("note", "")
        try:
            act(actor=actor, campaign_id=campaign_id, note=note, now=database_now())
        except Invalid as refused:
            error = refused
        else:
            return redirect("reviews:campaign", campaign_id)
    context = {
        **_standing(found, actor),
        "unsigned": unsigned,
        "error": error,
        "note": request.POST.get("note", ""),
    }
    title = "Cancel this review" if unsigned else "Close with exceptions"
    return page(request, "reviews/end.html", context, title=title, status=422 if error else 200)


@require_POST
def keep_unchanged(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Keep the unchanged, low-risk grants together."""
    count = services.keep_unchanged(
        actor=acting(request), campaign_id=campaign_id, now=database_now()
    )
    messages.success(request, f"{count} unchanged, low-risk grants were kept.")
    return redirect("reviews:campaign", campaign_id)


def _standing(found: Campaign, actor: User) -> dict[str, Any]:
    now = database_now()
    counts = selectors.progress_of(found)
    signed = found.finished_at is not None
    revoked = selectors.list_items(found).filter(decision=Choice.REVOKE) if signed else ()
    return {
        "campaign": found,
        "counts": counts,
        "settled": counts.revoked - counts.unsettled,
        "sentence": words.sentence(found, counts, now=now),
        "tone": words.STATE_TONES[CampaignState(found.state)],
        "overdue": words.is_overdue(found, now=now),
        "revocations": [words.shown(item) for item in revoked[:PAGE]] if signed else [],
        "may_review": policies.may_review(actor=actor, connection=found.connection).allowed,
        "may_open": policies.may_open(actor=actor, connection=found.connection).allowed,
        "working": found.state in {"remediating", "verifying"} and counts.unsettled > 0,
        "now": now,
    }


def _filtered(items: Any, request: HttpRequest, actor: User) -> Any:
    show = request.GET.get("show", "")
    if show == "open":
        return items.filter(decision="")
    if show == "mine":
        return items.filter(reviewer=actor)
    if show in Choice.values:
        return items.filter(decision=show)
    return items


def _with(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _listed(campaign: Campaign, *, now: datetime) -> dict[str, Any]:
    running = campaign.ended_at is None
    return {
        "campaign": campaign,
        "running": running,
        "overdue": words.is_overdue(campaign, now=now),
        "tone": words.STATE_TONES[CampaignState(campaign.state)],
    }


def _options() -> list[dict[str, Any]]:
    """Each org's newest finished snapshot, with what a review of it would hold."""
    orgs = list(crm.list_connections().exclude(state=Connection.State.DISCONNECTED))
    snapshots = crm.latest_snapshots(orgs)
    tokens = _rows_by_snapshot(SnapshotToken.objects.all(), snapshots.values())
    assignments = _rows_by_snapshot(SnapshotAssignment.objects.all(), snapshots.values())
    return [
        {
            "connection": org,
            "snapshot": snapshot,
            "complete": snapshot is not None and snapshot.state == Snapshot.State.COMPLETE,
            "tokens": tokens.get(snapshot.pk, 0) if snapshot else 0,
            "assignments": assignments.get(snapshot.pk, 0) if snapshot else 0,
        }
        for org in orgs
        for snapshot in [snapshots.get(org.pk)]
    ]


def _rows_by_snapshot(rows: QuerySet[Any], snapshots: Iterable[Snapshot]) -> dict[UUID, int]:
    found = rows.filter(snapshot__in=list(snapshots)).values_list("snapshot_id")
    return dict(found.annotate(Count("pk")))


def _open(actor: User, typed: dict[str, str]) -> Campaign:
    try:
        snapshot_id = UUID(typed["snapshot"])
    except ValueError as error:
        raise Invalid("Choose a snapshot.", field="snapshot") from error
    due = read_day(typed["due"], field="due_at")
    return services.open_campaign(
        actor=actor,
        snapshot_id=snapshot_id,
        due_at=datetime.combine(due, time(23, 59), tzinfo=UTC),
        now=database_now(),
        name=typed["name"],
    )
