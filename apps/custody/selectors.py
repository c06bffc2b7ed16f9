"""Reads of API tokens."""

from django.db import models

from apps.accounts.models import User
from apps.common import powers
from apps.custody.models import IssuedToken
from apps.tenancy import policies


def list_api_tokens_for(actor: User) -> models.QuerySet[IssuedToken]:
    """The actor's own tokens; everybody's for those who manage members. Newest first."""
    rows = IssuedToken.objects.filter(kind=IssuedToken.Kind.API).select_related("holder")
    if not policies.may(actor, powers.MANAGE_MEMBERS).allowed:
        rows = rows.filter(holder=actor)
    return rows.order_by("-issued_at", "-id")
