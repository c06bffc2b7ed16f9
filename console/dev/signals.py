"""Ctrl-C and SIGTERM: they end a command alike, and never interrupt its tidying up."""

from __future__ import annotations

import signal
from types import FrameType

ENDINGS = (signal.SIGINT, signal.SIGTERM)


def end_on_signals() -> None:
    """From now on either signal raises KeyboardInterrupt, once."""
    for number in ENDINGS:
        signal.signal(number, _leave)


def finish_undisturbed() -> None:
    """From now on neither signal does anything: what follows is stopping, and that is bounded."""
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)


def _leave(number: int, frame: FrameType | None) -> None:
    finish_undisturbed()
    raise KeyboardInterrupt
