"""What the ledger itself records."""

from apps.ledger.registry import register

register(
    {
        "ledger.request.refused": "Was refused by a rule",
        "ledger.log.set_aside": "Stopped signing a log that does not fit",
        "ledger.log.resumed": "Went on signing a log",
    },
    area="The ledger itself",
    things={
        "rule": "rule",
        "ledger.event": "ledger event",
        "ledger.leaf": "position in the log",
        "ledger.tile": "tile of the log",
        "ledger.checkpoint": "checkpoint",
        "ledger.batch": "sequencer's batch",
    },
)
