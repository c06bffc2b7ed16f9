"""Checking that an endpoint answers and offers its model."""

from uuid import UUID

from apps.common.clock import database_now
from apps.common.jobs import tenant_task
from apps.common.scope import scoped
from apps.llm import services
from apps.llm.errors import LlmError, ModelMissing
from apps.llm.opening import open_model


@tenant_task("llm.check_endpoint")
def check_endpoint(*, tenant_id: UUID, endpoint_id: str) -> None:
    """Read the endpoint's list of models and keep what was seen."""
    healthy, code, words = True, "ok", ""
    try:
        with open_model(tenant_id=tenant_id, endpoint_id=UUID(endpoint_id)) as chat:
            offered = chat.list_models()
            if chat.model not in offered:
                raise ModelMissing(f"The endpoint answers, but offers no model {chat.model}.")
            words = f"Answers, and offers {len(offered)} models."
    except LlmError as error:
        healthy, code, words = False, error.code, error.message
    with scoped(tenant_id=tenant_id):
        services.note_health(
            endpoint_id=UUID(endpoint_id),
            healthy=healthy,
            code=code,
            words=words,
            now=database_now(),
        )
