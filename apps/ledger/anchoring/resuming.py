"""Signing again after the right database is back: a person's decision, and kept as one."""

from collections.abc import Mapping

from apps.ledger.anchoring import records
from apps.ledger.anchoring.remembered import AnchorFile
from apps.ledger.anchoring.trees import Connection


def resume(connection: Connection, file: AnchorFile) -> Mapping[str, str]:
    """Lift every halt and say what they were. Each log is proved anew before it is signed.

    What was anchored stays remembered: a database that does not hold it is refused again.
    """
    halted = file.read().halted
    for log in halted:
        records.keep_problem(
            connection,
            log=log,
            size=0,
            kind="refused",
            place="",
            code="resumed",
            words="Somebody at the console's machine lifted the halt; the log is proved anew.",
            retryable=False,
        )
        file.halt(log, "")
    return halted
