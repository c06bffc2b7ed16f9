"""What posture records."""

from apps.ledger.registry import register

register(
    {
        "posture.baseline.approved": "Approved an app's scopes as its baseline",
        "posture.finding.opened": "Found something to look at",
        "posture.finding.reopened": "Found something that was over",
        "posture.finding.assigned": "Gave a finding an owner or a day",
        "posture.finding.accepted": "Accepted a finding for a time",
        "posture.finding.taken_up": "Began to fix a finding",
        "posture.finding.said_fixed": "Said that a finding is fixed",
        "posture.finding.gone": "No longer found something",
        "posture.finding.verified": "Proved that something is gone",
    },
    area="Apps and scopes",
    things={
        "posture.finding": "finding",
        "posture.scopebaseline": "scope baseline",
    },
)
