"""Anchoring, over and over, beside the sequencer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

import psycopg
from django.db import close_old_connections

from apps.ledger.anchoring.anchorer import Anchorer
from apps.ledger.anchoring.trees import Connection

log = logging.getLogger(__name__)

LEADER = 0x6C65616E63686F72  # an advisory lock: one anchorer per database
SECONDS_TO_TRY_AGAIN = 5.0
TICK_S = 1.0


def run_forever(stop: Event, *, anchorer: Anchorer, connect: Callable[[], Connection]) -> None:
    """Anchor until `stop` is set. A second anchorer waits; whatever fails is said and tried again.

    `connect` opens a connection of the sequencer's login in autocommit.
    """
    while not stop.is_set():
        try:
            with connect() as connection:
                _lead(stop, anchorer, connection)
        except psycopg.Error as error:
            log.warning("anchoring lost its database: %s", type(error).__name__)
        except Exception:  # the loop outlives what nobody foresaw, and says it each time
            log.exception("anchoring failed")
        finally:
            close_old_connections()  # keys are read by the console's own connection
        stop.wait(SECONDS_TO_TRY_AGAIN)


def _lead(stop: Event, anchorer: Anchorer, connection: Connection) -> None:
    while not stop.is_set() and not _is_leader(connection):
        stop.wait(SECONDS_TO_TRY_AGAIN)
    while not stop.is_set():
        anchorer.step(connection, datetime.now(UTC))
        close_old_connections()
        stop.wait(TICK_S)


def _is_leader(connection: Connection) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [LEADER]).fetchone()
    return bool(row and row[0])
