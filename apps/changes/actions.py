"""What changes records."""

from apps.ledger.registry import register

register(
    {
        "changes.proposal.made": "Proposed a change",
        "changes.proposal.revised": "Proposed something else instead",
        "changes.approval.voided": "Voided the approval of a change",
        "changes.proposal.approved": "Approved a change",
        "changes.proposal.refused": "Refused a change",
        "changes.proposal.withdrawn": "Withdrew a change",
        "changes.proposal.begun": "Began to apply a change",
        "changes.proposal.applied": "Applied a change",
        "changes.proposal.verified": "Checked an applied change and kept it",
        "changes.proposal.rolled_back": "Rolled a change back",
    },
    area="Changes",
    things={
        "changes.proposal": "proposed change",
        "changes.approval": "approval of a change",
        "changes.configuration": "kept configuration",
    },
    named={
        "changes.proposal": "target_name",
    },
)
