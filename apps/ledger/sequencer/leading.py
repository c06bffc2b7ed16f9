"""Lead while the lock is ours, wait while it is another's, come back after whatever goes wrong."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from apps.ledger.sequencer.session import Session
from apps.ledger.sequencer.wire import Connection, connect

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
HELD_S = 1.0  # a place held for that long was a good one: what follows is new trouble
ASK_AGAIN_S = 1.0  # how soon a waiting process takes over
LOOK_AGAIN_S = 60.0  # how soon a log that was mended is gone on with


@dataclass(frozen=True, slots=True)
class Sequencer:
    """The process's work. `open_session` makes a session of a connection; `settle` is called after
    trouble, and `resumed` with the tenants whose logs go on."""

    url: str
    open_session: Callable[[Connection], Session]
    cadence_s: float
    settle: Callable[[], None] = lambda: None
    resumed: Callable[[Session], bool] = lambda session: bool(session.mended())

    def run(self, stop: threading.Event) -> None:
        """Return once `stop` is set, at the end of a step."""
        pause = FIRST_PAUSE_S
        while not stop.is_set():
            began = time.monotonic()
            try:
                with connect(self.url) as connection:
                    self._lead(self.open_session(connection), stop)
            except Exception:  # the one process that signs must outlive whatever fails around it
                log.exception("lost the lead; starting anew in %.1f s", pause)
                self.settle()
            stop.wait(pause)
            held = time.monotonic() - began - pause > HELD_S
            pause = FIRST_PAUSE_S if held else min(2 * pause, LONGEST_PAUSE_S)

    def _lead(self, session: Session, stop: threading.Event) -> None:
        if not session.lead():
            log.info("waiting: another sequencer leads")
        while not stop.is_set() and not session.is_leading:
            stop.wait(ASK_AGAIN_S)
            session.lead()
        if session.is_leading:
            log.info("leading from number %s on", session.order.low)
            self._work(session, stop)

    def _work(self, session: Session, stop: threading.Event) -> None:
        looked = time.monotonic()
        while not stop.is_set():
            began = time.monotonic()
            _, more = session.step()
            if session.aside and began - looked > LOOK_AGAIN_S:
                looked = began
                if self.resumed(session):
                    session.start()
            if not more:
                stop.wait(max(0.0, self.cadence_s - (time.monotonic() - began)))
