"""One request: for the person who asked, and for everyone who follows it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.breakglass import policies, presenting, selectors, services
from apps.breakglass.models import Request
from apps.breakglass.services.elevation import REVEAL_DECISION
from apps.breakglass.states import ENDED_BUT_OPEN, State
from apps.common.clock import database_now
from apps.common.errors import Conflict, DomainError
from apps.common.pages import page
from apps.tenancy.views import acting


@require_GET
def detail(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """How the request stands, what was asked, who signed, and what was done with it."""
    return show(request, request_id)


@require_POST
def submit(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Ask for signatures."""
    services.submit_request(actor=acting(request), request_id=request_id, now=database_now())
    messages.success(request, "Your request is with the approvers now.")
    return redirect("breakglass:request", request_id)


@require_POST
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take the request back."""
    services.withdraw(actor=acting(request), request_id=request_id, now=database_now())
    messages.success(request, "The request is withdrawn.")
    return redirect("breakglass:request", request_id)


@require_POST
def end(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """The kill switch."""
    actor, now = acting(request), database_now()
    if not services.end_or_stop(actor=actor, request_id=request_id, now=now):
        return show(request, request_id)  # a message would need its session written
    messages.success(request, "The access has ended. The next call with its token is refused.")
    return redirect("breakglass:request", request_id)


@require_POST
def reveal(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show the token on the answer to this very request, and nowhere again."""
    actor, now = acting(request), database_now()
    asked = selectors.get_request_for(actor=actor, request_id=request_id)
    policies.may_reveal(actor=actor, request=asked).require()
    try:
        factor = accounts.prove(
            user=actor,
            code=request.POST.get("code", ""),
            decision=REVEAL_DECISION,
            subject=asked.content_hash,
            now=now,
        )
        text = services.reveal(actor=actor, request_id=request_id, factor=factor, now=now)
    except (WrongCode, FactorRefused, Conflict) as refused:
        return show(request, request_id, error=refused)
    response = show(request, request_id, token_text=text)
    response["Cache-Control"] = "no-store"
    return response


def show(
    request: HttpRequest,
    request_id: UUID,
    *,
    token_text: str = "",
    error: DomainError | None = None,
) -> HttpResponse:
    """The page of a request, with a token just revealed or what was wrong with the code."""
    actor = acting(request)
    asked = selectors.get_request_for(actor=actor, request_id=request_id)
    context = about(actor, asked)
    if context["live"] and services.is_stopped(asked):
        context |= {"stopped": True, "live": False, "tone": "attention", "words": "Stopped"}
    context |= {
        "token_text": token_text,
        "error": error,
        "spooled": presenting.spooled_in_words(asked) if asked.activated_at else [],
    }
    title = f"Emergency access to {asked.connection.name}"
    status = 422 if error else 200
    return page(request, "breakglass/request.html", context, title=title, status=status)


def about(actor: Any, asked: Request) -> dict[str, Any]:
    """What every page about one request shows."""
    now, names = database_now(), presenting.names_by_id()
    tone, words = presenting.shown_state(asked, now=now)
    own = actor.person_id == asked.requester_person
    live = asked.state == State.ACTIVE and asked.deadline_at is not None and now < asked.deadline_at
    waiting = asked.state == State.PENDING and words == State.PENDING.label
    return {
        "asked": asked,
        "now": now,
        "tone": tone,
        "words": words,
        "own": own,
        "who": names.get(asked.requester_id, presenting.GONE),
        "why": asked.justification if policies.may_read_why(actor=actor, request=asked) else "",
        "refused_by": names.get(asked.decided_by_id or asked.pk, presenting.GONE),
        "duration": presenting.duration_in_words(asked.duration),
        "scope": [{"name": name, **part} for name, part in asked.scope.items()],
        "notes": selectors.list_notes(asked),
        "lines": presenting.signatures(asked, names),
        "needs": presenting.needs_in_words(asked),
        "risks": presenting.risks(asked),
        "waiting": waiting,
        "live": live,
        "proving": asked.state in ENDED_BUT_OPEN,
        "may_decide": waiting
        and not presenting.has_signed(actor, asked)
        and bool(presenting.roles_to_sign(actor, asked)),
        "may_end": live and policies.may_end(actor=actor, request=asked).allowed,
        "may_reveal": live
        and policies.may_reveal(actor=actor, request=asked).allowed
        and asked.token is not None
        and asked.token.revealed_at is None,
    }
