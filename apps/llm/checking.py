"""Looking whether an endpoint answers and offers its model."""

from dataclasses import dataclass
from uuid import UUID

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.llm import services
from apps.llm.errors import LlmError, ModelMissing
from apps.llm.opening import open_model


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw: `code` is stable and goes to the ledger, `words` to the page."""

    healthy: bool
    code: str
    words: str


def look_at(*, tenant_id: UUID, endpoint_id: UUID) -> Seen:
    """Read the endpoint's list of models and keep what was seen. Call it with no scope open."""
    seen = _asked(tenant_id, endpoint_id)
    with scoped(tenant_id=tenant_id):
        services.note_health(
            endpoint_id=endpoint_id,
            healthy=seen.healthy,
            code=seen.code,
            words=seen.words,
            now=database_now(),
        )
    return seen


def _asked(tenant_id: UUID, endpoint_id: UUID) -> Seen:
    try:
        with open_model(tenant_id=tenant_id, endpoint_id=endpoint_id) as chat:
            offered = chat.list_models()
            if chat.model not in offered:
                raise ModelMissing(f"The endpoint answers, but offers no model {chat.model}.")
    except LlmError as error:
        return Seen(False, error.code, error.message)
    return Seen(True, "ok", f"Answers, and offers {len(offered)} models.")
