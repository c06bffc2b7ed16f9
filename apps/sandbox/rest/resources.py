"""The content of a static resource."""

from apps.sandbox.errors import not_found
from apps.sandbox.rest.context import Context
from apps.sandbox.rest.records import get_record
from apps.sandbox.wire import Answer


def body(context: Context, record_id: str) -> Answer:
    """The resource as it was uploaded. Raises ApiError for one that is not there or hidden."""
    record = get_record(context, "StaticResource", record_id).body
    kept = context.org.store.get("static_resource", record["Id"])
    if kept is None:
        raise not_found()
    return Answer(body=kept["body"], content_type=f"{record['ContentType']};charset=UTF-8")
