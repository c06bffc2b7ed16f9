"""The question a job puts to the decision point."""

from collections.abc import Sequence

from apps.crm.models import Connection
from apps.llm.models import Endpoint
from apps.residency.decide import DENY, Flow, Verdict, decide
from apps.residency.errors import PolicyUnreadable
from apps.residency.selectors import compiled_policy


def verdict_on(
    *,
    connection: Connection,
    endpoint: Endpoint,
    object_name: str,
    fields: Sequence[str],
    purpose: str,
) -> Verdict:
    """The verdict of the policy in force, now.

    The data's people are taken to fall under every jurisdiction of the org's zone as published; an
    org whose zone is not in the policy has unknown ones, which denies.
    """
    try:
        policy = compiled_policy()
    except PolicyUnreadable as error:
        return Verdict(DENY, (), (error.code,), "", (error.message,))
    home = policy.places.get(str(connection.zone_id)) if policy else None
    flow = Flow(
        object_name=object_name,
        fields=tuple(fields),
        subject_jurisdictions=tuple(sorted(home.jurisdictions)) if home else (),
        purpose=purpose,
        destination_zone=str(endpoint.zone_id),
    )
    return decide(flow, policy)
