"""The list of changes, and the forms that propose one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from apps.changes import policies, presenting, selectors, services
from apps.changes.kinds import kind_of
from apps.changes.kinds.baseline import target_of
from apps.changes.models import Proposal
from apps.changes.states import UNDER_WAY, State
from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import Conflict, DomainError, Invalid
from apps.common.pages import page
from apps.posture import selectors as posture
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


@require_http_methods(["GET", "POST"])
def propose_networks(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """From where an API token may be used."""
    return _form(request, Proposal.Kind.TOKEN_NETWORKS, str(token_id))


@require_http_methods(["GET", "POST"])
def propose_baseline(request: HttpRequest, app_id: UUID) -> HttpResponse:
    """The scopes that an app holds now, in the place of those approved before."""
    app = posture.get_app_for(actor=acting(request), app_id=app_id)
    return _form(request, Proposal.Kind.SCOPE_BASELINE, target_of(app))


def _form(request: HttpRequest, code: str, target: str) -> HttpResponse:
    actor, kind = acting(request), kind_of(code)
    policies.may_propose(actor, kind=code, target=target).require()
    base = kind.read(target)
    wanted = _typed(request) if code == Proposal.Kind.TOKEN_NETWORKS else {}
    error: DomainError | None = None
    if request.method == "POST":
        try:
            made = services.propose(
                actor=actor,
                kind=code,
                target=target,
                wanted=wanted,
                reason=request.POST.get("reason", ""),
                now=database_now(),
            )
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            messages.success(request, "Proposed. Nothing changes until somebody else approves it.")
            return redirect("changes:proposal", made.pk)
    name = kind.name_of(target)
    context = {
        "error": error,
        "name": name,
        "networks": request.POST.get("networks", "\n".join(base.get("networks", []))),
        "takes_networks": code == Proposal.Kind.TOKEN_NETWORKS,
        "lines": [] if wanted else _lines(kind, target, base),
        "typed": request.POST.dict(),
    }
    status = 422 if error else 200
    return page(request, "changes/propose.html", context, title=f"Change {name}", status=status)


def _lines(kind: Any, target: str, base: dict[str, Any]) -> list[Any]:
    found: list[Any] = kind.lines(base, kind.checked(target, {}))
    return found


def _typed(request: HttpRequest) -> dict[str, Any]:
    text = request.POST.get("networks", "").replace(",", " ")
    return {"networks": text.split()}


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
