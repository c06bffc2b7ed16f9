"""Snapshots in the browser: taking one, watching it, reading it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.common import powers
from apps.common.clock import database_now
from apps.common.pages import page
from apps.crm import selectors, services, words
from apps.crm.models import Snapshot, SnapshotAccount, SnapshotApp, SnapshotToken
from apps.ledger import selectors as ledger
from apps.ledger.registry import words_for
from apps.tenancy import policies as tenancy
from apps.tenancy.views import acting


@require_POST
def take(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Ask for a snapshot and go to its page."""
    snapshot = services.take_snapshot(
        actor=acting(request), connection_id=connection_id, now=database_now()
    )
    return redirect("crm:snapshot", snapshot.pk)


@require_GET
def snapshot(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    """One snapshot: progress while it is read, then what was found and how completely."""
    found = selectors.get_snapshot_for(actor=acting(request), snapshot_id=snapshot_id)
    context = {
        **_progress(found),
        "sign": words.sign_of_snapshot(found),
        "sources": words.lines_of_sources(found),
        "beside": words.lines_beside(found),
        "counts": _counts(found),
        "path": [
            {"row": event, "words": words_for(event.action)} for event in ledger.list_path_of(found)
        ],
        "may_read_ledger": tenancy.may(acting(request), powers.READ_LEDGER).allowed,
        "compare_url": f"{reverse('posture:apps')}?org={found.connection_id}",
    }
    return page(request, "crm/snapshot.html", context, title=f"Snapshot of {found.connection.name}")


@never_cache
@require_GET
def progress(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    """The live part; reloads the page once the snapshot is finished."""
    found = selectors.get_snapshot_for(actor=acting(request), snapshot_id=snapshot_id)
    answer = render(request, "crm/_progress.html", _progress(found))
    if found.is_final:
        answer["HX-Refresh"] = "true"
    return answer


def _progress(found: Snapshot) -> dict[str, object]:
    address = "" if found.is_final else reverse("crm:snapshot-progress", args=[found.pk])
    return {
        "snapshot": found,
        "done": words.sources_done(found),
        "total": len(found.sources),
        "detail": words.detail_of_progress(found),
        "poll_url": address,
    }


def _counts(found: Snapshot) -> dict[str, int | str]:
    """Tokens are `unknown` where the org did not list them all: never fewer than there are."""
    tokens = SnapshotToken.objects.filter(snapshot=found).count()
    accounts = SnapshotAccount.objects.filter(snapshot=found)
    return {
        "apps": SnapshotApp.objects.filter(snapshot=found).count(),
        "tokens": tokens if found.has_all_tokens else f"unknown ({tokens:,} listed)",
        "accounts": accounts.count(),
        "integration": accounts.filter(is_integration=True).count(),
    }
