"""Reading the ledger in the browser."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from apps.common.errors import Invalid
from apps.common.pages import page
from apps.ledger import registry, selectors
from apps.ledger.keyset import page_after
from apps.ledger.models import Event
from apps.ledger.names import names_of
from apps.ledger.search import Search, read_search
from apps.ledger.services import leaf_hash


@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """Events newest first, narrowed by person, action, thing and days."""
    error: Invalid | None = None
    search, older = Search(), ""
    rows: list[Event] = []
    try:
        search = read_search(request.GET)
        rows, older = page_after(search.events(), request.GET.get("before", ""))
    except Invalid as invalid:
        error = invalid
    context = {
        "rows": _for_reading(rows),
        "search": search,
        "error": error,
        "actions": sorted(registry.all_actions().items(), key=lambda pair: pair[1]),
        "last": selectors.last_event(),
        "older_url": _with_cursor(request, older),
    }
    return page(
        request, "ledger/events.html", context, title="Ledger", status=400 if error else 200
    )


@require_GET
def event(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """One event: what it says, its canonical bytes, whether they match their leaf, its path."""
    found = selectors.get_event(event_id=event_id)
    body = bytes(found.body)
    path = Event.objects.filter(target_id=found.target_id).order_by("at", "recorded_at")[:50]
    context = {
        "event": _for_reading([found])[0],
        "body": json.dumps(json.loads(body), indent=2, ensure_ascii=False),
        "leaf": bytes(found.leaf).hex(),
        "leaf_matches": leaf_hash(body) == bytes(found.leaf),
        "path": _for_reading(list(path)),
    }
    return page(request, "ledger/event.html", context, title=registry.words_for(found.action))


def _for_reading(rows: list[Event]) -> list[dict[str, object]]:
    names = names_of(row.actor for row in rows)
    return [
        {
            "row": row,
            "words": registry.words_for(row.action),
            "who": names[row.actor],
            "thing": row.target_type.rpartition(".")[2],
        }
        for row in rows
    ]


def _with_cursor(request: HttpRequest, cursor: str) -> str:
    if not cursor:
        return ""
    words = {key: str(value) for key, value in request.GET.items() if key != "before" and value}
    return f"?{urlencode({**words, 'before': cursor})}"
