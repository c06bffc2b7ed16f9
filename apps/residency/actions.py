"""What residency records."""

from apps.ledger.registry import register

register(
    {
        "residency.zone.added": "Added a residency zone",
        "residency.zone.changed": "Changed where a residency zone lies",
        "residency.field.classified": "Classified a field",
        "residency.rule.added": "Added a flow rule to the draft",
        "residency.rule.removed": "Removed a flow rule from the draft",
        "residency.policy.published": "Published a flow policy",
        "residency.policy.replaced": "Put an approved flow policy in force",
        "residency.policy.restored": "Put an earlier flow policy in force again",
    },
    area="Zones and policy",
    things={
        "residency.zone": "zone",
        "residency.fieldclass": "classified field",
        "residency.policyversion": "flow policy",
        "residency.flowrule": "flow rule",
    },
    named={
        "residency.zone": "name",
        "residency.flowrule": "name",
    },
)
