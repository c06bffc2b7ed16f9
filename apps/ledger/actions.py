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
        "ledger.rootleaf": "entry of the log of logs",
        "ledger.rootnode": "node of the log of logs",
        "ledger.rootcheckpoint": "checkpoint of all logs",
        "ledger.anchor": "anchor",
        "ledger.anchorproblem": "trouble with an anchor",
    },
)
