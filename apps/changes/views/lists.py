"""The list of changes."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.changes import presenting, selectors
from apps.changes.models import Proposal
from apps.changes.states import UNDER_WAY, State
from apps.common import powers
from apps.common.pages import page
from apps.tenancy.views import acting

FILTERS: dict[str, tuple[str, ...]] = {
    "waiting": (State.PROPOSED,),
    "under-way": UNDER_WAY,
    "in-force": (State.VERIFIED,),
    "undone": (State.ROLLED_BACK, State.REFUSED, State.WITHDRAWN),
}


@require_GET
def proposals(request: HttpRequest) -> HttpResponse:
    """All changes; those that wait for this person come first."""
    actor = acting(request)
    show = request.GET.get("show", "")
    rows, after = selectors.list_page(
        actor=actor, states=FILTERS.get(show, ()), before=_before(request)
    )
    decides = powers.APPROVE_CHANGE in request.__dict__["powers"]
    names = presenting.names_by_id()
    shown = [_row(each, actor.person_id, names, decides=decides) for each in rows]
    context = {
        "rows": sorted(shown, key=lambda row: not row["needs_you"]),
        "counts": selectors.count_by_state(actor=actor),
        "older_url": f"?show={show}&before={after}" if after else "",
        "needs_you": sum(row["needs_you"] for row in shown),
    }
    return page(request, "changes/proposals.html", context, title="Changes")


def _row(
    proposal: Proposal, person_id: UUID, names: dict[UUID, str], *, decides: bool
) -> dict[str, Any]:
    tone, words = presenting.shown_state(proposal)
    waits = proposal.state == State.PROPOSED and proposal.author_person != person_id
    return {
        "proposal": proposal,
        "who": names.get(proposal.author_id, presenting.GONE),
        "tone": tone,
        "words": words,
        "needs_you": waits and decides,
    }


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None
