"""One event: what it says, how far it is proved, its bytes, and what happened around it."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.common.pages import page
from apps.ledger import registry, selectors
from apps.ledger.models import Event
from apps.ledger.presenting import for_reading, tell
from apps.ledger.services import leaf_hash

EACH_WAY = 6


@require_GET
def event(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """One event of the open tenant."""
    found = selectors.get_event(event_id=event_id)
    body = bytes(found.body)
    said = json.loads(body)
    context = {
        "event": for_reading([found])[0],
        "told": tell(said["data"]),
        "body": json.dumps(said, indent=2, ensure_ascii=False),
        "leaf": bytes(found.leaf).hex(),
        "leaf_matches": leaf_hash(body) == bytes(found.leaf),
        **_around(found),
    }
    return page(request, "ledger/event.html", context, title=registry.words_for(found.action))


def _around(found: Event) -> dict[str, Any]:
    """The thing's path and the actor's acts around this event."""
    thing = selectors.beside(found, each_way=EACH_WAY, target_id=found.target_id)
    person = selectors.beside(found, each_way=EACH_WAY, actor=found.actor)
    return {"path": for_reading(thing), "by_actor": for_reading(person)}


@require_GET
def raw(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """The canonical bytes as they are hashed (RFC 8785), to be checked elsewhere."""
    found = selectors.get_event(event_id=event_id)
    answer = HttpResponse(bytes(found.body), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="event-{found.pk}.json"'
    return answer
