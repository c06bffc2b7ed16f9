"""Links to packs in the browser."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from apps.common.clock import database_now
from apps.evidence.downloads import services
from apps.evidence.handing_over import hand_over
from apps.tenancy.identity import acting


@require_safe
def link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The file, whole or in part, for the one person and session that the link was given to."""
    return hand_over(request, secret=secret)


@require_POST
def revoke(request: HttpRequest, pack_id: UUID, grant_id: UUID) -> HttpResponse:
    """Withdraw a link."""
    services.revoke(actor=acting(request), pack_id=pack_id, grant_id=grant_id, now=database_now())
    messages.success(request, "The link no longer works.")
    return redirect("evidence:pack", pack_id)
