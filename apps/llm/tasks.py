"""Checking that an endpoint answers and offers its model."""

from uuid import UUID

from apps.common.jobs import tenant_task
from apps.llm.checking import look_at


@tenant_task("llm.check_endpoint")
def check_endpoint(*, tenant_id: UUID, endpoint_id: str) -> None:
    """Read the endpoint's list of models and keep what was seen."""
    look_at(tenant_id=tenant_id, endpoint_id=UUID(endpoint_id))
