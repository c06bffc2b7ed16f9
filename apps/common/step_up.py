"""A fresh second factor, asked for by floors below the one that knows people's devices."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from django.http import HttpRequest

from apps.common.errors import NotFound

# Takes the request's person and a code, and spends the code on one decision about one subject.
Spender = Callable[[HttpRequest, str, str, str, datetime], None]
_introduced: list[Spender] = []


def step_up_with(spender: Spender) -> None:
    """Name the one function that takes a code from a form and spends it on a decision."""
    _introduced[:] = [spender]


def require_fresh_code(
    request: HttpRequest, *, decision: str, about: str, now: datetime, code: str | None = None
) -> None:
    """Spend the form's `code`, or the one given, on this decision about exactly this.

    `about` says what was on the page. Raises what the introduced function raises when the code is
    wrong or was used, and `NotFound` when nobody can check codes.
    """
    if not _introduced:
        raise NotFound("Codes cannot be checked here.")
    typed = request.POST.get("code", "") if code is None else code
    _introduced[0](request, typed, decision, sha256(about.encode()).hexdigest(), now)
