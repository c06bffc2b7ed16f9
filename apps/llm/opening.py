"""Opening a registered endpoint; no scope stays open while it answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from apps.common.scope import scoped
from apps.llm import selectors
from apps.llm.client.chat import ChatModel, open_chat


@contextmanager
def open_model(*, tenant_id: UUID, endpoint_id: UUID) -> Iterator[ChatModel]:
    """The endpoint's model, to be asked outside any transaction. Raises `NotFound`."""
    with scoped(tenant_id=tenant_id):
        endpoint = selectors.get_endpoint(endpoint_id=endpoint_id)
        base_url, api_key, model = endpoint.base_url, endpoint.api_key, endpoint.model
    with open_chat(
        base_url=base_url, api_key=api_key, model=model, extra_ca=settings.EXTRA_CA_FILE
    ) as chat:
        yield chat
