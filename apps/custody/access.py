"""The separate rule for emergency credentials: they open only where an emergency is handled."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from apps.common.errors import Denied
from apps.custody import providers

_handling: ContextVar[bool] = ContextVar("emergency_access", default=False)


@contextmanager
def emergency_access() -> Iterator[None]:
    """Only inside may values of emergency purposes be opened. Keep it around the one reading."""
    token = _handling.set(True)
    try:
        yield
    finally:
        _handling.reset(token)


def require_open_for(purpose: str) -> None:
    """Raises `Denied` for an emergency credential read anywhere else (a page, an export)."""
    if providers.is_emergency(purpose) and not _handling.get():
        raise Denied(
            "Emergency credentials open only where emergency access is handled.",
            rule="emergency-credentials-apart",
        )
