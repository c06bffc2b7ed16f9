"""Why are we locked out? The page of an org's lockouts."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.common.clock import database_now
from apps.common.pages import page
from apps.crm import policies, selectors, words
from apps.crm.diagnosis.keeping import open_troubles, past_troubles
from apps.crm.diagnosis.telling import sentence_of, tell
from apps.tenancy.views import acting


@require_GET
def lockout(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Each cause with its evidence, its runbook and the time of the next safe attempt."""
    actor = acting(request)
    found = selectors.get_connection_for(actor=actor, connection_id=connection_id)
    now, rows = database_now(), open_troubles(found.pk)
    context = {
        "org": found,
        "now": now,
        "sign": words.sign_of_connection(found),
        "sentence": sentence_of(rows, found, now=now),
        "troubles": [tell(row, found) for row in rows],
        "past": [tell(row, found) for row in past_troubles(found.pk)],
        "waits": any(row.retry_at and row.retry_at > now for row in rows),
        "may_operate": policies.may_operate(actor, found).allowed,
    }
    title = f"Why are we locked out of {found.name}?"
    return page(request, "crm/lockout.html", context, title=title)
