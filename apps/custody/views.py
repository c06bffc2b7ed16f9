"""API tokens in the browser."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid
from apps.common.pages import page
from apps.custody import selectors, services
from apps.tenancy.roles import powers_of
from apps.tenancy.selectors import roles_of
from apps.tenancy.views import acting

MOST_DIGITS = 4


@never_cache
@require_http_methods(["GET", "POST"])
def api_tokens(request: HttpRequest) -> HttpResponse:
    """The tokens, and the form that makes one; a new one is shown on the answer, once."""
    actor = acting(request)
    error: DomainError | None = None
    made = ""
    if request.method == "POST":
        try:
            made = _make(request)
        except (Invalid, WrongCode, FactorRefused) as refused:
            error = refused
    context: dict[str, Any] = {
        "tokens": list(selectors.list_api_tokens_for(actor)[:200]),
        "now": database_now(),
        "held": sorted((p, powers.WORDS[p]) for p in powers_of(roles_of(actor))),
        "chosen": request.POST.getlist("powers"),
        "typed": request.POST if error else {},
        "error": error,
        "made": made,
    }
    return page(
        request,
        "custody/tokens.html",
        context,
        title="API tokens",
        status=error.status if error else 200,
    )


@require_POST
def end(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """End a token now."""
    token = services.end_api_token(actor=acting(request), token_id=token_id, now=database_now())
    messages.success(request, f"The token “{token.name}” no longer opens anything.")
    return redirect("custody:tokens")


def _make(request: HttpRequest) -> str:
    actor, now, name = acting(request), database_now(), request.POST.get("name", "").strip()
    if "\x00" in name or not name:
        raise Invalid("Give the token a name that says what it is for.", field="name")
    wanted, days = request.POST.getlist("powers"), _whole(request.POST.get("days", ""))
    factor = accounts.prove(
        user=actor,
        code=request.POST.get("code", ""),
        decision=services.DECISION,
        subject=services.subject_of(name=name, wanted=wanted, days=days),
        now=now,
    )
    _, text = services.make_api_token(
        actor=actor,
        name=name,
        wanted=wanted,
        days=days,
        factor=factor,
        now=now,
    )
    return text


def _whole(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS):
        raise Invalid(
            f"Write the number of days as a whole number up to {services.LONGEST_DAYS}.",
            field="days",
        )
    return int(value)
