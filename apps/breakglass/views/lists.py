"""The list of requests, and the form that makes one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from apps.breakglass import presenting, selectors, services
from apps.breakglass.models import Request
from apps.breakglass.states import ENDED_BUT_OPEN, TERMINAL, State
from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.common.pages import page
from apps.crm import selectors as crm
from apps.crm.models import Connection
from apps.tenancy.views import acting

FILTERS: dict[str, tuple[str, ...]] = {
    "waiting": (State.PENDING,),
    "active": (State.ACTIVE, *ENDED_BUT_OPEN),
    "over": tuple(TERMINAL),
}
MINUTES = (5, 15, 30, 60, 120, 240, 480, 1440)
TYPED = ("case_reference", "justification", "connection", "object_name", "fields", "records")


@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """All requests of the tenant, newest first."""
    actor, now = acting(request), database_now()
    states = FILTERS.get(request.GET.get("show", ""), ())
    rows, after = selectors.list_page(actor=actor, states=states, before=_before(request))
    names = presenting.names_by_id()
    context = {
        "rows": [_row(each, names, now) for each in rows],
        "counts": selectors.count_open(actor=actor),
        "older_url": f"?show={request.GET.get('show', '')}&before={after}" if after else "",
        "may_ask": powers.REQUEST_EMERGENCY in request.__dict__["powers"],
        "now": now,
    }
    return page(request, "breakglass/requests.html", context, title="Emergency access")


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form: why, what, where, how long. What was typed stays when something is refused."""
    actor, now = acting(request), database_now()
    error: Invalid | None = None
    if request.method == "POST":
        try:
            draft = services.draft_request(actor=actor, now=now, **_wanted(request))
        except Invalid as invalid:
            error = invalid
        else:
            return redirect("breakglass:request", draft.pk)
    policy = services.policy_in_force(actor=actor, now=now)
    orgs = crm.list_connections().exclude(state=Connection.State.DISCONNECTED)
    context = {
        "error": error,
        "typed": {**_first_guess(request), **request.POST.dict()},
        "orgs": [(str(org.pk), org.name) for org in orgs],
        "minutes": [
            (str(each), presenting.duration_in_words(timedelta(minutes=each)))
            for each in MINUTES
            if timedelta(minutes=each) <= policy.max_duration
        ],
        "policy": policy,
        "back": reverse("breakglass:requests"),
    }
    title = "Request emergency access"
    return page(request, "breakglass/ask.html", context, title=title, status=422 if error else 200)


def _row(request: Request, names: dict[UUID, str], now: Any) -> dict[str, Any]:
    tone, words = presenting.shown_state(request, now=now)
    waiting = request.state == State.PENDING
    return {
        "request": request,
        "tone": tone,
        "words": words,
        "needs": presenting.needs_in_words(request) if waiting else "",
        "until": request.expires_at if waiting else request.deadline_at,
        "is_open": request.state in {State.PENDING, State.ACTIVE},
        "who": names.get(request.requester_id, presenting.GONE),
        "duration": presenting.duration_in_words(request.duration),
    }


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None


def _first_guess(request: HttpRequest) -> dict[str, str]:
    """The caller's own address is where they will most likely work from."""
    return {"networks": request.META.get("REMOTE_ADDR", ""), "minutes": "60"}


def _wanted(request: HttpRequest) -> dict[str, Any]:
    typed = {name: request.POST.get(name, "") for name in (*TYPED, "networks", "minutes")}
    part = {"fields": _split(typed["fields"]), "records": _split(typed["records"])}
    return {
        "connection_id": _org_id(typed["connection"]),
        "scope": {typed["object_name"]: part},
        "networks": _split(typed["networks"]),
        "duration": _minutes(typed["minutes"]),
        "justification": typed["justification"],
        "case_reference": typed["case_reference"],
    }


def _org_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("Choose the org you need to reach.", field="connection") from error


def _minutes(text: str) -> timedelta:
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise Invalid("Choose how long you need access.", field="duration")
    return timedelta(minutes=int(text))


def _split(text: str) -> list[str]:
    return text.replace(",", " ").split()
