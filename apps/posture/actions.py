"""What posture records."""

from apps.ledger.registry import register

register(
    {"posture.baseline.approved": "Approved an app's scopes as its baseline"},
    area="Apps and scopes",
    things={
        "posture.scopebaseline": "scope baseline",
    },
)
