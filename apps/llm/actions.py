"""What the endpoint registry records."""

from apps.ledger.registry import register

register(
    {
        "llm.endpoint.registered": "Registered a model endpoint",
        "llm.endpoint.changed": "Changed a model endpoint",
        "llm.endpoint.checked": "Checked a model endpoint",
    },
    area="Model endpoints",
    things={
        "llm.endpoint": "model endpoint",
    },
    named={
        "llm.endpoint": "name",
    },
)
