"""What anchoring writes down: anchors, and what stood in their way."""

from uuid import UUID, uuid4

from apps.ledger.anchoring.heads import ROOT_LOG
from apps.ledger.anchoring.outside import Held
from apps.ledger.anchoring.trees import Connection
from apps.ledger.models.anchors import AnchorKind

LONGEST_WORDS = 400


def keep_anchor(
    connection: Connection, size: int, kind: AnchorKind, place: str, held: Held
) -> None:
    """Add an anchor; one that is there already stays as it is."""
    connection.execute(
        "INSERT INTO ledger_anchor (id, size, kind, place, proof, at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [uuid4(), size, kind.value, place, held.proof, held.at],
    )


def last_held(connection: Connection, kind: AnchorKind, place: str) -> int:
    """The largest size that a place holds, or 0."""
    row = connection.execute(
        "SELECT max(size) FROM ledger_anchor WHERE kind = %s AND place = %s", [kind.value, place]
    ).fetchone()
    return int(row[0] or 0) if row else 0


def keep_problem(
    connection: Connection,
    *,
    log: str,
    size: int,
    kind: str,
    place: str,
    code: str,
    words: str,
    retryable: bool,
) -> None:
    """Add what went wrong; of one log it is shown to its tenant, of the log of logs to all."""
    tenant = None if log == ROOT_LOG else UUID(log)
    connection.execute(
        "INSERT INTO ledger_anchorproblem"
        " (id, tenant_id, size, kind, place, code, retryable, words)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [uuid4(), tenant, size, kind, place, code, retryable, words[:LONGEST_WORDS]],
    )
