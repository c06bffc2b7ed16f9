"""The last page before anything happens in the org: what exactly, signed with a fresh code."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.errors import FactorRefused, WrongCode
from apps.common.clock import database_now
from apps.common.errors import Conflict, DomainError
from apps.common.pages import page
from apps.reviews import policies, selectors, services
from apps.reviews.errors import ReviewOver, Undecided
from apps.reviews.models import CampaignState
from apps.tenancy.views import acting


@never_cache
@require_http_methods(["GET", "POST"])
def finish(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """What signing does, and the code that does it."""
    actor = acting(request)
    campaign = selectors.get_campaign_for(actor=actor, campaign_id=campaign_id)
    policies.may_finish(actor=actor, campaign=campaign).require()
    if campaign.state != CampaignState.IN_REVIEW:
        return redirect("reviews:campaign", campaign_id)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            return _sign(request, campaign_id)
        except ReviewOver:
            raise
        except (WrongCode, FactorRefused, Undecided, Conflict) as refused:
            error = refused
    context = {
        "campaign": campaign,
        "preview": selectors.preview_finish(campaign),
        "silence": bool(request.POST.get("silence")),
        "error": error,
    }
    status = 422 if error else 200
    return page(request, "reviews/finish.html", context, title="Sign the review", status=status)


def _sign(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    services.sign_review(
        actor=acting(request),
        campaign_id=campaign_id,
        code=request.POST.get("code", ""),
        seen=request.POST.get("seen", ""),
        silence_is_kept=bool(request.POST.get("silence")),
        now=database_now(),
    )
    messages.success(request, "Signed. What was revoked is now being taken away in the org.")
    return redirect("reviews:campaign", campaign_id)
