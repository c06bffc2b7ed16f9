"""How long events are kept, legal holds, and what would be pruned when."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid
from apps.common.pages import page
from apps.common.step_up import require_fresh_code
from apps.ledger import retention
from apps.ledger.models.retention import SHORTEST_DAYS
from apps.ledger.names import names_of
from apps.ledger.tenants import current_slug
from apps.ledger.views.acting import acting

CHANGE, HOLD, RELEASE = "ledger.retention.change", "ledger.hold.place", "ledger.hold.release"


@require_http_methods(["GET", "POST"])
def kept(request: HttpRequest) -> HttpResponse:
    """The policy, the holds, and what is due; with the power, the forms that change them."""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            messages.success(request, _act(request, now=database_now()))
        except DomainError as refused:
            error = refused
        else:
            return redirect("ledger:retention")
    status = error.status if error else 200
    return page(
        request, "ledger/retention.html", _context(request, error), title="Retention", status=status
    )


def _act(request: HttpRequest, *, now: datetime) -> str:
    match request.POST.get("act"):
        case "days":
            return _change_days(request, now)
        case "hold":
            return _place_hold(request, now)
        case "release":
            return _release_hold(request, now)
    raise Invalid("This page is damaged. Load it again.", field="act")


def _change_days(request: HttpRequest, now: datetime) -> str:
    typed = request.POST.get("days", "").strip()
    if not typed.isascii() or not typed.isdigit() or len(typed) > 6:
        raise Invalid("Give a number of days.", field="days")
    require_fresh_code(request, decision=CHANGE, about=typed, now=now)
    policy = retention.change_days(actor=acting(request), days=int(typed), now=now)
    return f"Events are kept for {policy.days} days."


def _place_hold(request: HttpRequest, now: datetime) -> str:
    reason = request.POST.get("reason", "")
    require_fresh_code(request, decision=HOLD, about=reason, now=now)
    retention.place_hold(actor=acting(request), reason=reason, now=now)
    return "Nothing is removed until the hold is released."


def _release_hold(request: HttpRequest, now: datetime) -> str:
    try:
        hold_id = UUID(request.POST.get("hold", ""))
    except ValueError as error:
        raise Invalid("Choose a hold.", field="hold") from error
    require_fresh_code(request, decision=RELEASE, about=str(hold_id), now=now)
    retention.release_hold(actor=acting(request), hold_id=hold_id, now=now)
    return "The hold is released."


def _context(request: HttpRequest, error: DomainError | None) -> dict[str, object]:
    now, act = database_now(), request.POST.get("act")
    holds, marks, due = retention.open_holds(), retention.list_marks(), retention.due(now=now)
    names = names_of([*(hold.actor for hold in holds), *(mark.actor for mark in marks)])
    return {
        "days": retention.days_kept(),
        "slug": current_slug(),
        "shortest": SHORTEST_DAYS,
        "holds": [{"row": hold, "who": names[hold.actor]} for hold in holds],
        "hold_choices": [(str(hold.pk), f"{hold.reason} ({hold.at:%Y-%m-%d})") for hold in holds],
        "marks": [{"row": mark, "who": names[mark.actor]} for mark in marks],
        "due": due.below - due.start,
        "next_at": retention.next_due_at(),
        "may_change": powers.MANAGE_POLICY in getattr(request, "powers", frozenset()),
        "typed": request.POST,
        "error": error,
        "error_in_form": act in {"days", "hold"} or (act == "release" and bool(holds)),
    }
