"""Data keys: how many providers could open them, and which of them are for emergencies."""

from datetime import datetime

from apps.custody.models import DataKey
from apps.custody.providers import is_emergency
from apps.evidence.catalogue.checks.words import counted, named
from apps.evidence.catalogue.registry import Outcome, attention, check, good, unknown

NO_KEY = "This tenant has no data key yet."


def _holders(key: DataKey) -> set[str]:
    return {row["provider"] for row in key.wraps}


def _in_use() -> list[DataKey]:
    return list(DataKey.objects.filter(retired_at__isnull=True).order_by("purpose", "version"))


@check("CRM-3", "keys-held-twice", "Could every data key be opened if a key provider were lost?")
def held_twice(now: datetime) -> Outcome:
    """Each key in use, wrapped by two providers or more. Where they stand is not told by them."""
    rows = _in_use()
    if not rows:
        return unknown(NO_KEY)
    once = [key for key in rows if len(_holders(key)) < 2]
    if once:
        return attention(f"Held by one provider only: {counted(len(once), 'data key')}.")
    return good(f"{counted(len(rows), 'data key')}, each held by two providers or more.")


@check("CRM-4", "emergency-keys-apart", "Do other providers hold the keys of emergencies?")
def emergency_apart(now: datetime) -> Outcome:
    """Providers that hold keys of emergency credentials, and those that hold all others."""
    rows = _in_use()
    emergency = {name for key in rows if is_emergency(key.purpose) for name in _holders(key)}
    ordinary = {name for key in rows if not is_emergency(key.purpose) for name in _holders(key)}
    if not emergency:
        return unknown("No emergency credential was sealed yet, so there is nothing to judge.")
    shared = sorted(emergency & ordinary)
    if shared:
        return attention(f"Holds keys of emergencies and others alike: {named(shared)}.")
    return good(f"Keys of emergencies are held by {named(sorted(emergency))} alone.")
