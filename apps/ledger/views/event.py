"""One event: what it says, how far it is proved, its bytes, and what happened around it."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.common.errors import NotFound
from apps.common.pages import page
from apps.ledger import personal, proofs, proving, registry, selectors, steps
from apps.ledger.models import Event
from apps.ledger.presenting import for_reading, tell
from apps.ledger.services import leaf_hash
from apps.ledger.spool.marks import drained_by, mark_of

EACH_WAY = 4
OF_A_REQUEST = 50


@require_GET
def event(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """One event of the open tenant; with `?verify=1` it is proved anew, step by step."""
    found = selectors.get_event(event_id=event_id)
    body = bytes(found.body)
    said = json.loads(body)
    context = {
        "event": for_reading([found])[0],
        "state": proofs.proof_state(found),
        "steps": proving.prove(found) if request.GET.get("verify") else [],
        "told": tell(personal.opened(said["data"]), found),
        "body": json.dumps(said, indent=2, ensure_ascii=False),
        "drained": drained_by(found) if mark_of(found) else None,
        "leaf": bytes(found.leaf).hex(),
        "leaf_matches": leaf_hash(body) == bytes(found.leaf),
        **_around(found),
    }
    context["refuted"] = [step for step in context["steps"] if step.tone == steps.BAD]
    return page(request, "ledger/event.html", context, title=registry.words_for(found.action))


@never_cache
@require_GET
def progress(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """How far the proof has come, as the part of the page that asks again until it is signed."""
    found = selectors.get_event(event_id=event_id)
    context = {"event": {"row": found}, "state": proofs.proof_state(found)}
    return render(request, "ledger/_proof.html", context)


@require_GET
def raw(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """The canonical bytes as they are hashed (RFC 8785), to be checked elsewhere."""
    found = selectors.get_event(event_id=event_id)
    return _file(bytes(found.body), f"event-{found.pk}.json", "application/json")


@require_GET
def proof(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """The proof that the event is in the newest signed tree, as C2SP tlog-proof."""
    found = selectors.get_event(event_id=event_id)
    newest = proofs.latest_checkpoint()
    if newest is None:
        raise NotFound("Nothing of this log is signed yet. Look again in a second.")
    written = proofs.inclusion_of(found, newest).encode()
    return _file(written, f"event-{found.pk}.tlog-proof", "text/plain; charset=utf-8")


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _around(found: Event) -> dict[str, Any]:
    """The thing's path and the actor's acts around this event, and all acts of its request."""
    thing = selectors.beside(found, each_way=EACH_WAY, target_id=found.target_id)
    person = selectors.beside(found, each_way=EACH_WAY, actor=found.actor)
    together = selectors.list_of_request(found)[:OF_A_REQUEST]
    return {
        "path": for_reading(thing),
        "by_actor": for_reading(person),
        "together": for_reading(together) if len(together) > 1 else [],
    }
