"""Checks of the log and their history, and the button that begins one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.common import powers
from apps.common.pages import page
from apps.common.waiting import come_again, is_asking_again, still_waits
from apps.ledger import verifications
from apps.ledger.models import Verification
from apps.ledger.names import names_of

NONE = "none"  # in the address: nothing was checked before


@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """The newest check first, in words, and those before it."""
    rows = verifications.list_verifications()
    waits = _waits(request.GET.get("after"), rows[0] if rows else None)
    if is_asking_again(request):
        return still_waits() if waits else come_again()
    names = names_of(row.actor for row in rows)
    context = {
        "last": rows[0] if rows else None,
        "waits": waits,
        "rows": [{"row": row, "who": names[row.actor]} for row in rows],
        "may_export": powers.EXPORT in getattr(request, "powers", frozenset()),
    }
    title = "Verification of the ledger"
    return page(request, "ledger/verifications.html", context, title=title)


@require_POST
def verify_now(request: HttpRequest) -> HttpResponse:
    """Have the whole log read again, by a worker."""
    last = verifications.last_verification()
    verifications.request_verification()
    messages.success(request, "The ledger is being verified. The result appears here.")
    return redirect(f"{reverse('ledger:verifications')}?after={last.pk if last else NONE}")


def _waits(after: str | None, last: Verification | None) -> bool:
    """Whether the check that was asked for after that one has not come."""
    return after is not None and after == (str(last.pk) if last else NONE)
