"""What entries about emergencies keep of a person, sealed under that person's own key."""

from typing import Any

from apps.accounts.models import User
from apps.custody.subjects import prepare_personal, seal_personal


def seal_address(person: User, address: str) -> dict[str, Any]:
    """The caller's network address as ledger data; nothing when it is unknown."""
    if not address:
        return {}
    return {"personal": seal_personal(person.actor_ref, {"address": address})}


def prepare_address(person: User) -> None:
    """Make the key for the person's address now: while the database takes no writes, nobody can."""
    prepare_personal(person.actor_ref, ["address"])
