"""Platform events: published here, read back over the sandbox's own routes."""

import re
import uuid

from apps.sandbox.rest.context import Context
from apps.sandbox.times import stamp
from apps.sandbox.wire import Answer

EVENT_NAME = re.compile(r"[A-Za-z]\w*__e")


def publish(context: Context, name: str) -> Answer:
    """Accept an event of any `…__e` name: the sandbox has no event definitions."""
    values = context.call.json_object()
    event_id = context.org.new_id("e00")
    context.org.store.put(
        "event",
        event_id,
        {
            "id": event_id,
            "type": name,
            "published_at": stamp(context.call.now),
            "published_by": context.user_id,
            "values": values,
        },
    )
    context.org.counts["events"] += 1
    enqueued = {
        "statusCode": "OPERATION_ENQUEUED",
        "message": str(uuid.uuid4()),
        "fields": [],
    }
    return Answer(status=201, body={"id": event_id, "success": True, "errors": [enqueued]})
