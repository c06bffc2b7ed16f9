"""What break-glass records."""

from apps.ledger.registry import register

register(
    {
        "breakglass.policy.set": "Set the rules for emergency access",
        "breakglass.request.drafted": "Drafted a request for emergency access",
        "breakglass.request.submitted": "Asked for emergency access",
        "breakglass.request.approved": "Approved emergency access",
        "breakglass.approval.voided": "Voided a signature",
        "breakglass.request.denied": "Denied emergency access",
        "breakglass.request.withdrawn": "Withdrew a request for emergency access",
        "breakglass.request.expired": "Let a request expire unsigned",
        "breakglass.request.activated": "Opened emergency access",
        "breakglass.record.asked": "Was about to read a record under emergency access",
        "breakglass.record.read": "Read a record under emergency access",
        "breakglass.record.refused": "Was refused a record under emergency access",
        "breakglass.record.failed": "Did not get a record from the org under emergency access",
        "breakglass.request.ended": "Ended emergency access",
        "breakglass.request.stopped": "Stopped emergency access while nothing could be written",
        "breakglass.rotation.started": "Began to prove that the access is dead",
        "breakglass.rotation.failed": "Could not yet prove that the access is dead",
        "breakglass.token.proven_dead": "Presented the old token and saw it refused",
        "breakglass.case.noted": "Told the org, for its case",
        "breakglass.case.missed": "Could not tell the org, and will try again",
        "breakglass.request.closed": "Closed the request",
    },
    area="Emergency access",
    things={
        "breakglass.request": "emergency request",
        "breakglass.approval": "signature",
        "breakglass.emergencypolicy": "emergency rules",
        "breakglass.casenote": "case note",
    },
    named={
        "breakglass.request": "case_reference",
    },
)
