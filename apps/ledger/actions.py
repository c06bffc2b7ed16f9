"""What the ledger itself records."""

from apps.ledger.registry import register

register(
    {
        "ledger.request.refused": "Was refused by a rule",
        "ledger.source.gap": "Found events missing from the ledger",
        "ledger.guard.used": "Changed the ledger's tables through the break-glass login",
        "ledger.log.set_aside": "Stopped signing a log that does not fit",
        "ledger.log.resumed": "Went on signing a log",
        "ledger.log.verified": "Verified the ledger",
        "ledger.log.failed_verification": "Found the ledger damaged",
        "ledger.log.exported": "Exported the ledger",
        "ledger.log.downloaded": "Downloaded an export of the ledger",
        "ledger.retention.changed": "Changed how long events are kept",
        "ledger.hold.placed": "Placed a legal hold on the ledger",
        "ledger.hold.released": "Released a legal hold on the ledger",
        "ledger.log.pruned": "Pruned old events after exporting them",
    },
    area="The ledger itself",
    things={
        "rule": "rule",
        "source": "source of events",
        "guard": "guard of the ledger",
        "ledger.receipt": "receipt of a source",
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
        "ledger.verification": "verification of the ledger",
        "ledger.logexport": "export of the ledger",
        "ledger.retentionpolicy": "retention policy",
        "ledger.legalhold": "legal hold",
        "ledger.holdrelease": "release of a legal hold",
        "ledger.prunemark": "prune mark",
    },
)
