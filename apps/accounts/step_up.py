"""Codes for decisions of floors below this one."""

from datetime import datetime

from django.http import HttpRequest

from apps.accounts import services
from apps.accounts.errors import FactorRefused
from apps.accounts.models import User


def spend_code(request: HttpRequest, code: str, decision: str, subject: str, now: datetime) -> None:
    """Prove a person's `code` and spend it at once. Raises `WrongCode`, `FactorRefused`."""
    user = request.user
    if not isinstance(user, User):
        raise FactorRefused("Nobody is signed in.", field="code")
    factor = services.prove(
        user=user,
        code=code,
        decision=decision,
        subject=subject,
        now=now,
    )
    services.spend_factor(factor=factor, user=user, decision=decision, subject=subject, now=now)
