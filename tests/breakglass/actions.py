"""What the ledger says about a request."""

from apps.breakglass.models import Request
from apps.ledger import selectors as ledger


def path_of(request: Request) -> list[str]:
    """The actions recorded about it, oldest first, without the app's name."""
    events = ledger.list_path_of(request).order_by("recorded_at", "at")
    return [event.action.removeprefix("breakglass.") for event in events]
