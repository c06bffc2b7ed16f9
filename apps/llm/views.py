"""The registry of endpoints: list, registering, health."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.errors import CODE_REFUSED
from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid
from apps.common.pages import page
from apps.llm import selectors, services
from apps.llm.models import Endpoint
from apps.residency.selectors import list_zones
from apps.tenancy.views import acting

TYPED = ("name", "base_url", "zone", "model")  # the key is never shown again


@require_GET
def endpoints(request: HttpRequest) -> HttpResponse:
    """Every endpoint with its zone and health."""
    rows = list(selectors.list_endpoints())
    context = {
        "endpoints": rows,
        "failing": [row for row in rows if row.state == Endpoint.State.FAILING],
        "may_change": powers.MANAGE_POLICY in request.__dict__["powers"],
    }
    return page(request, "llm/endpoints.html", context, title="Endpoints")


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register an endpoint; it is checked in the background."""
    typed = {name: request.POST.get(name, "") for name in TYPED}
    error: DomainError | None = None
    if request.method == "POST":
        try:
            endpoint = _register(request, typed)
        except (Invalid, *CODE_REFUSED) as refused:
            error = refused
        else:
            messages.success(request, f"{endpoint.name} is registered and being checked.")
            return redirect("llm:endpoints")
    zones = [(str(zone.pk), f"{zone} ({', '.join(zone.jurisdictions)})") for zone in list_zones()]
    context = {"typed": typed, "error": error, "zones": zones}
    return page(
        request,
        "llm/register.html",
        context,
        title="Register an endpoint",
        status=422 if error else 200,
    )


@require_POST
def check(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Check an endpoint now."""
    endpoint = services.recheck_endpoint(actor=acting(request), endpoint_id=endpoint_id)
    messages.success(request, f"{endpoint.name} is being checked. Reload in a few seconds.")
    return redirect("llm:endpoints")


def _register(request: HttpRequest, typed: dict[str, str]) -> Endpoint:
    return services.register_endpoint(
        actor=acting(request),
        name=typed["name"],
        base_url=typed["base_url"],
        zone_id=_zone_key(typed["zone"]),
        model=typed["model"],
        api_key=request.POST.get("api_key", ""),
        code=request.POST.get("code", ""),
        now=database_now(),
    )


def _zone_key(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise Invalid("Choose the zone that the endpoint stands in.", field="zone") from error
