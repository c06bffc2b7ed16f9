"""What posture records."""

from apps.ledger.registry import register

register(
    {
        "posture.baseline.approved": "Approved an app's scopes as its baseline",
        "posture.purpose.proposed": "Declared what an app is for",
        "posture.purpose.approved": "Approved what an app is for",
        "posture.revocation.begun": "Began to revoke access in an org",
        "posture.revocation.verified": "Proved that revoked access is gone",
        "posture.revocation.incomplete": "Ended a revocation with exceptions",
        "posture.snapshot.judged": "Judged what a snapshot shows",
        "posture.baseline.replaced": "Replaced an app's baseline after two people agreed",
        "posture.baseline.restored": "Restored an app's earlier baseline",
        "posture.finding.opened": "Found something to look at",
        "posture.finding.reopened": "Found something that was over",
        "posture.finding.assigned": "Gave a finding an owner or a day",
        "posture.finding.accepted": "Accepted a finding for a time",
        "posture.finding.taken_up": "Began to fix a finding",
        "posture.finding.said_fixed": "Said that a finding is fixed",
        "posture.finding.gone": "No longer found something",
        "posture.finding.verified": "Proved that something is gone",
        "posture.scan.requested": "Asked for a metadata scan",
        "posture.scan.completed": "Scanned metadata completely",
        "posture.scan.left_incomplete": "Scanned metadata, but not all of it",
        "posture.scan.failed": "Could not scan metadata",
        "posture.scan.cancelled": "Cancelled a metadata scan",
        "posture.scan.exported": "Downloaded a metadata scan",
    },
    area="Apps and scopes",
    things={
        "posture.finding": "finding",
        "posture.apppurpose": "app's purpose",
        "posture.logcomparison": "comparison with the org's log",
        "posture.revocation": "revocation",
        "posture.revokedgrant": "revoked grant",
        "posture.scan": "metadata scan",
        "posture.scanaddress": "address in a scan",
        "posture.scanfinding": "finding of a scan",
        "posture.volumepolicy": "threshold of API volume",
        "posture.scopebaseline": "scope baseline",
    },
)
