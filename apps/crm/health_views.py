"""What can be set on an org's health at once: its place."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.crm import selectors
from apps.crm.services import paths
from apps.tenancy.views import acting


@require_POST
def change_place(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Say where instances like this org's are, by which source."""
    actor = acting(request)
    selectors.get_connection_for(actor=actor, connection_id=connection_id)
    try:
        paths.set_place(
            actor=actor,
            prefix=request.POST.get("prefix", ""),
            place=request.POST.get("place", ""),
            source=request.POST.get("source", ""),
            source_on=_day(request.POST.get("source_on", "")),
            now=database_now(),
        )
        messages.success(request, "The place is kept with its source.")
    except Invalid as invalid:
        messages.error(request, invalid.message)
    return redirect("crm:connection", connection_id)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("Write the source's day as 2026-01-31.", field="source_on") from None
