"""One item, made for deciding: by thumb on a phone, by number keys at a desk."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.common.errors import Invalid, NotFound
from apps.common.pages import page
from apps.reviews import policies, selectors, services, words
from apps.reviews.errors import ReviewOver
from apps.reviews.models import CampaignState, Item
from apps.tenancy.views import acting

SHOWN = "reviews.item.shown"


@never_cache
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, campaign_id: UUID, item_id: UUID) -> HttpResponse:
    """A grant with all that was known about it, and the three ways to decide."""
    actor = acting(request)
    found = _found(actor, campaign_id, item_id)
    error: Invalid | ReviewOver | None = None
    if request.method == "POST":
        try:
            return _decide(request, actor, found)
        except (Invalid, ReviewOver) as refused:
            error = refused
    context = {**_context(found, actor), "error": error, "note": request.POST.get("note", "")}
    status = 422 if error else 200
    return page(request, "reviews/item.html", context, title=str(found), status=status)


@require_POST
def retry(request: HttpRequest, campaign_id: UUID, item_id: UUID) -> HttpResponse:
    """Try a failed revocation again."""
    actor = acting(request)
    found = _found(actor, campaign_id, item_id)
    services.retry_item(actor=actor, item_id=found.pk, now=database_now())
    messages.success(request, "The revocation is queued again.")
    return redirect("reviews:campaign", campaign_id)


def _found(actor: User, campaign_id: UUID, item_id: UUID) -> Item:
    found = selectors.get_item_for(actor=actor, item_id=item_id)
    if found.campaign_id != campaign_id:
        raise NotFound(selectors.NO_ITEM)
    return found


def _decide(request: HttpRequest, actor: User, found: Item) -> HttpResponse:
    decision = request.POST.get("decision", "")
    services.decide(
        actor=actor,
        item_id=found.pk,
        decision=decision,
        note=request.POST.get("note", ""),
        seconds=_seconds(request.POST.get("shown", ""), found),
        now=database_now(),
    )
    following = selectors.next_undecided(found, actor=actor)
    if following is None:
        messages.success(request, "Every item is decided. The review can be signed.")
        return redirect("reviews:campaign", found.campaign_id)
    return redirect("reviews:item", found.campaign_id, following)


def _seconds(shown: str, found: Item) -> int | None:
    """How long the page was open, by our own signed note of when it was made."""
    try:
        item_id, at = signing.loads(shown, salt=SHOWN)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    if item_id != str(found.pk):
        return None
    return int(database_now().timestamp() - float(at))


def _context(found: Item, actor: User) -> dict[str, Any]:
    now = database_now()
    may = policies.may_decide(actor=actor, item=found)
    takes_decisions = found.campaign.state == CampaignState.IN_REVIEW and not words.is_overdue(
        found.campaign, now=now
    )
    before, after = selectors.beside(found)
    return {
        "item": found,
        "row": words.shown(found),
        "campaign": found.campaign,
        "before": before,
        "after": after,
        "history": list(selectors.list_decisions(found)),
        "may": may,
        "open_for_decision": takes_decisions,
        "progress": selectors.progress_of(found.campaign),
        "shown": signing.dumps([str(found.pk), now.timestamp()], salt=SHOWN),
        "may_retry": found.remediation == "failed"
        and policies.may_review(actor=actor, connection=found.campaign.connection).allowed,
    }
