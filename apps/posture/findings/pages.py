"""Findings in the browser: the list, one finding, and what people do about it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import User
from apps.common import powers
from apps.common.clock import database_now
from apps.common.dates import read_day
from apps.common.errors import Invalid
from apps.common.pages import page
from apps.crm import selectors as crm
from apps.ledger import selectors as ledger
from apps.ledger.registry import words_for
from apps.posture import policies
from apps.posture.findings import handling, reading, words
from apps.posture.findings.about import abouts_of
from apps.posture.models import Finding
from apps.tenancy import policies as tenancy
from apps.tenancy import selectors as people
from apps.tenancy.views import acting

FILTERS = ("show", "level", "source", "org")
DONE = {
    "assign": "The owner and the day are kept.",
    "accept": "Accepted until that day. Then it is open again.",
    "begin": "You are on it.",
    "fixed": "Noted. The next complete look proves it, or opens it again.",
}


@require_GET
def findings(request: HttpRequest) -> HttpResponse:
    """What needs somebody, most serious first."""
    actor, today = acting(request), database_now().date()
    asked = {name: request.GET.get(name, "")[:40] for name in FILTERS}
    rows = reading.list_findings(actor=actor, today=today, **asked)
    found, cursor = reading.after(rows, request.GET.get("after", ""))
    counts = reading.count_findings(actor=actor, today=today)
    named = abouts_of(found)
    query = request.GET.copy()
    query["after"] = cursor
    context = {
        "lines": [words.line_of(each, today=today, about=named.get(each.pk)) for each in found],
        "counts": counts,
        "sentence": words.sentence_of(counts),
        "sources": Finding.Source.choices,
        "orgs": list(crm.list_connections()),
        "older": f"?{query.urlencode()}" if cursor else "",
        "filtered": any(asked.values()),
    }
    return page(request, "posture/findings/list.html", context, title="Findings")


@never_cache
@require_http_methods(["GET", "POST"])
def finding(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """One finding with its history; a POST does one of the acts in `DONE`."""
    actor = acting(request)
    error: Invalid | None = None
    typed = {name: request.POST.get(name, "") for name in ("owner", "due_on", "reason", "until")}
    act = request.POST.get("act", "")
    if request.method == "POST":
        try:
            _act(actor, finding_id, act, typed)
        except Invalid as invalid:
            error = invalid
        else:
            messages.success(request, DONE[act])
            return redirect("posture:finding", finding_id)
    found = reading.get_finding_for(actor=actor, finding_id=finding_id)
    context = {**_shown(actor, found), "error": error, "act": act}
    if not error:
        typed = {
            "owner": str(found.owner_id or ""),
            "due_on": str(found.due_on or ""),
            "reason": "",
            "until": "",
        }
    status = 422 if error else 200
    context = {**context, "typed": typed}
    title = context["title"]
    return page(request, "posture/findings/one.html", context, title=title, status=status)


def _act(actor: User, finding_id: UUID, act: str, typed: dict[str, str]) -> None:
    now = database_now()
    if act == "assign":
        due_on = read_day(typed["due_on"], field="due_on") if typed["due_on"] else None
        owner_id = _person(typed["owner"])
        handling.assign_finding(
            actor=actor, finding_id=finding_id, owner_id=owner_id, due_on=due_on, now=now
        )
    elif act == "accept":
        until = read_day(typed["until"], field="until")
        handling.accept_finding(
            actor=actor, finding_id=finding_id, reason=typed["reason"], until=until, now=now
        )
    elif act == "begin":
        handling.begin_fixing(actor=actor, finding_id=finding_id, now=now)
    elif act == "fixed":
        handling.say_fixed(actor=actor, finding_id=finding_id, now=now)
    else:
        raise Invalid("Choose what to do about this finding.")


def _person(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError as error:
        raise Invalid("Choose somebody who works in this tenant.", field="owner") from error


def _shown(actor: User, found: Finding) -> dict[str, Any]:
    kind, control = words.kind_words(found)
    may_handle = policies.may_handle_finding(actor, found)
    is_over = found.state in reading.OVER
    return {
        **words.line_of(found, today=database_now().date(), about=abouts_of([found]).get(found.pk)),
        "kind": kind,
        "control": control,
        "detail": words.detail_of(found),
        "is_over": is_over,
        "may_handle": may_handle,
        "may_accept": policies.may_accept_finding(actor, found),
        "members": [(str(each.user.pk), each.user.name) for each in _members(may_handle.allowed)],
        "path": [
            {"row": event, "words": words_for(event.action)} for event in ledger.list_path_of(found)
        ],
        "may_read_ledger": tenancy.may(actor, powers.READ_LEDGER).allowed,
    }


def _members(wanted: bool) -> list[people.Member]:
    return people.list_members() if wanted else []
