"""What the ledger itself records."""

from apps.ledger.registry import register

register(
    {"ledger.request.refused": "Was refused by a rule"},
    area="The ledger itself",
    things={
        "rule": "rule",
        "ledger.event": "ledger event",
    },
)
