"""A job as it was typed, taken apart; the service judges it."""

from uuid import UUID

from django.http import QueryDict

from apps.residency.models import Purpose
from apps.sync.models import MOST_FIELDS, Job
from apps.sync.services import JobInput

FIELD_INPUTS = tuple(f"field_{number}" for number in range(1, MOST_FIELDS + 1))


def key(value: str) -> UUID | None:
    """An id from a choice; None for a blank or broken one."""
    try:
        return UUID(value)
    except ValueError:
        return None


def fields_of(data: QueryDict) -> list[str]:
    """The source fields that were filled in."""
    return [data.get(name, "").strip() for name in FIELD_INPUTS if data.get(name, "").strip()]


def job_from(post: QueryDict) -> JobInput:
    """The job in a posted form."""
    return JobInput(
        name=post.get("name", ""),
        connection_id=key(post.get("connection_id", "")),
        endpoint_id=key(post.get("endpoint_id", "")),
        source_fields=fields_of(post),
        writeback_field=post.get("writeback_field", ""),
        purpose=post.get("purpose", Purpose.CASE_SUMMARY),
        filter=post.get("filter", Job.Filter.OPEN_CASES),
    )
