"""Opens personal values of ledger entries for whoever may see them."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.models import User
from apps.common.keyring import CannotOpen
from apps.common.scope import current_scope
from apps.custody import policies, subjects
from apps.ledger import personal


def open_for_reader(sealed: Mapping[str, Any]) -> dict[str, str]:
    """The fields for the person in scope: their values, or why they are not shown."""
    user_id = current_scope().user_id
    reader = User.objects.filter(pk=user_id).first() if user_id else None
    if reader is None or not policies.may_read_personal(actor=reader).allowed:
        return _all(sealed, personal.HIDDEN)
    try:
        return subjects.open_personal(sealed)
    except subjects.Erased:
        return _all(sealed, personal.ERASED)
    except (CannotOpen, ValueError):  # bytes that no key of this tenant opens
        return _all(sealed, personal.HIDDEN)


def _all(sealed: Mapping[str, Any], words: str) -> dict[str, str]:
    return {str(name): words for name in sealed["fields"]}
