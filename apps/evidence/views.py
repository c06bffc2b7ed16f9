"""Packs in the browser."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.common.clock import database_now
from apps.common.errors import DomainError
from apps.common.pages import page
from apps.evidence import selectors, services
from apps.evidence.asking import short_name
from apps.evidence.downloads import services as downloads
from apps.evidence.downloads.binding import bound_to
from apps.evidence.downloads.selectors import list_links
from apps.evidence.keys import sealing_authority
from apps.evidence.models import Pack
from apps.tenancy.views import acting

WORKING = {Pack.State.QUEUED, Pack.State.BUILDING}


@never_cache
@require_http_methods(["GET", "POST"])
def pack(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """One pack: progress while it is made, then its hash and the way to take it."""
    found = selectors.get_pack_for(actor=acting(request), pack_id=pack_id)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            return _give_link(request, found)
        except (WrongCode, FactorRefused) as refused:
            error = refused
    context = {
        "pack": found,
        "purpose_name": short_name(found.purpose),
        "working": found.state in WORKING,
        "poll_url": reverse("evidence:progress", args=[found.pk]),
        "root": sealing_authority(database_now()).root_fingerprint,
        "links": list_links(found, now=database_now()),
        "error": error,
    }
    return page(
        request,
        "evidence/pack.html",
        context,
        title=found.title,
        status=error.status if error else 200,
    )


@require_GET
def progress(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """The fragment that the waiting page fetches; tells the page to reload once it is over."""
    found = selectors.get_pack_for(actor=acting(request), pack_id=pack_id)
    working = found.state in WORKING
    poll_url = reverse("evidence:progress", args=[found.pk]) if working else ""
    answer = render(request, "evidence/progress.html", {"pack": found, "poll_url": poll_url})
    if not working:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def retry(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Try a failed pack again."""
    services.retry_pack(actor=acting(request), pack_id=pack_id, now=database_now())
    messages.success(request, "The pack is being made again.")
    return redirect("evidence:pack", pack_id)


@require_GET
def root(request: HttpRequest) -> HttpResponse:
    """The sealing authority's root certificate, to be compared by another way than the pack."""
    answer = HttpResponse(
        sealing_authority(database_now()).root_pem, content_type="application/x-pem-file"
    )
    answer["Content-Disposition"] = 'attachment; filename="bailiwick-root.pem"'
    return answer


def _give_link(request: HttpRequest, found: Pack) -> HttpResponse:
    """A link for this person and session; the browser follows it at once."""
    actor, now = acting(request), database_now()
    factor = accounts.prove(
        user=actor,
        code=request.POST.get("code", ""),
        decision=downloads.DOWNLOAD,
        subject=found.sha256,
        now=now,
    )
    _, secret = downloads.grant_download(
        actor=actor, pack_id=found.pk, factor=factor, bound_to=bound_to(request), now=now
    )
    return redirect("evidence:link", secret)
