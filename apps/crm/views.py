"""Orgs in the browser: the list, connecting one, its page, its rights."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.errors import CODE_REFUSED
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid
from apps.common.pages import page
from apps.crm import health as health_of
from apps.crm import policies, selectors, services, words
from apps.crm.forms import ConnectForm
from apps.crm.models import Connection
from apps.crm.rights import lines_of_rights
from apps.residency.models import Zone
from apps.tenancy.views import acting


@require_GET
def connections(request: HttpRequest) -> HttpResponse:
    """Every org and how it stands."""
    found = list(selectors.list_connections())
    snapshots = selectors.latest_snapshots(found)
    lines = [
        {
            "org": org,
            "sign": words.sign_of_connection(org),
            "usage": words.words_of_usage(org),
            "snapshot": snapshots.get(org.pk),
        }
        for org in found
    ]
    context = {
        "lines": lines,
        "sentence": words.sentence_of_connections(found),
        "may_connect": policies.may_connect(acting(request)).allowed,
    }
    return page(request, "crm/connections.html", context, title="Orgs")


@never_cache
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """The form that connects an org."""
    form = ConnectForm(request.POST if request.method == "POST" else None)
    status = 200
    error: DomainError | None = None
    if request.method == "POST":
        try:
            connection = services.connect_org(
                actor=acting(request),
                typed=form.typed,
                code=request.POST.get("code", ""),
                now=database_now(),
            )
        except (Invalid, *CODE_REFUSED) as refused:
            error, status = refused, 422
            if isinstance(refused, Invalid) and refused.field != "code":
                form.refuse(refused)
            else:
                form.forget_secrets()
        else:
            return redirect("crm:connection", connection.pk)
    context = {"form": form, "has_zones": Zone.objects.exists(), "error": error}
    return page(request, "crm/connect.html", context, title="Connect an org", status=status)


@require_GET
def connection(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """One org: health, zone, snapshots, rights, and the next step."""
    actor = acting(request)
    found = selectors.get_connection_for(actor=actor, connection_id=connection_id)
    snapshot = selectors.latest_snapshot(found)
    token = selectors.find_token(found)
    context = {
        **_health(found),
        "token": token,
        "budget": health_of.budget_of(found),
        "path": health_of.path_of(found),
        "place": health_of.place_of(found),
        "next_refresh": health_of.next_refresh(token),
        "token_trouble": words.sentence_of_token(token),
        "snapshot": snapshot,
        "snapshot_sign": words.sign_of_snapshot(snapshot) if snapshot else None,
        "sources": words.lines_of_sources(snapshot) if snapshot else [],
        "running": selectors.running_snapshot(found),
        "history": _history(found),
        "may_operate": policies.may_operate(actor, found).allowed,
        "may_connect": policies.may_connect(actor).allowed,
        "rights": lines_of_rights(found),
    }
    return page(request, "crm/connection.html", context, title=found.name)


@never_cache
@require_GET
def health(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """The part of the page that waits for a check; reloads the page once the outcome is there."""
    found = selectors.get_connection_for(actor=acting(request), connection_id=connection_id)
    context = _health(found)
    answer = render(request, "crm/_health.html", context)
    if not context["waits"]:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def check(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Check the org again."""
    services.request_check(actor=acting(request), connection_id=connection_id, now=database_now())
    return redirect("crm:connection", connection_id)


@require_http_methods(["GET", "POST"])
def disconnect(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """What disconnecting does, then doing it."""
    found = selectors.get_connection_for(actor=acting(request), connection_id=connection_id)
    if request.method == "GET":
        return page(
            request, "crm/disconnect.html", {"org": found}, title=f"Disconnect {found.name}"
        )
    services.disconnect_org(actor=acting(request), connection_id=connection_id, now=database_now())
    messages.success(request, f"{found.name} is disconnected. Its keys were removed.")
    return redirect("crm:connections")


@require_POST
def change_rights(
    request: HttpRequest, connection_id: UUID, user_id: UUID, verb: str
) -> HttpResponse:
    """Give a member their role's rights on the org, or take them."""
    act = services.give_rights if verb == "give" else services.take_rights
    now = database_now()
    try:
        member = act(actor=acting(request), connection_id=connection_id, user_id=user_id, now=now)
    except Invalid as invalid:
        messages.error(request, invalid.message)
    else:
        done = "now has" if verb == "give" else "no longer has"
        messages.success(request, f"{member.name} {done} rights on this org.")
    return redirect("crm:connection", connection_id)


def _health(found: Connection) -> dict[str, Any]:
    now = database_now()
    return {
        "org": found,
        "sign": words.sign_of_connection(found),
        "waits": words.waits_for_check(found, now=now),
    }


def _history(found: Connection) -> list[dict[str, Any]]:
    recent = selectors.list_snapshots(found)[:10]
    return [{"snapshot": each, "sign": words.sign_of_snapshot(each)} for each in recent]
