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
    codes={
        "agrees-with-snapshot": "the snapshot grants what was approved",
        "answers": "the endpoint answers",
        "baseline-in-force": "the approved baseline is in force",
        "budget-known": "the org tells its budget",
        "callers-as-shown": "nobody else is kept out than was shown",
        "decides-as-shown": "the policy decides as was shown",
        "in-force": "what was approved is in force",
        "orgs-as-shown": "no other org is left uncalled than was shown",
        "ranges-in-force": "the token is fenced as approved",
        "reads-same-org": "the same org answers as before",
        "signs-in": "the console signs in",
        "still-there": "what was changed is still there",
        "token-alive": "the token works",
        "zone-in-policy": "the policy knows the zone",
    },
    named={
        "changes.proposal": "target_name",
    },
)
