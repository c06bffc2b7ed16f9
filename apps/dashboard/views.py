"""The home page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.common.clock import database_now
from apps.common.pages import page
from apps.common.routes import address_for
from apps.dashboard import selectors
from apps.tenancy.views import acting


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """How the tenant stands, and what waits for this person."""
    held: frozenset[str] = request.__dict__["powers"]
    now = database_now()
    overview = selectors.overview(user=acting(request), held=held, now=now)
    context = {"overview": overview, "now": now, "ledger_url": address_for(held, "ledger:events")}
    return page(request, "dashboard/home.html", context, title="Overview")
