"""The daily allowance of calls, and the header that tells what is left of it."""

from datetime import datetime

from apps.sandbox.access import has_permission
from apps.sandbox.errors import ApiError, insufficient_access
from apps.sandbox.org import Org
from apps.sandbox.rest.context import Context
from apps.sandbox.schema.registry import SOBJECTS, find_sobject
from apps.sandbox.wire import Answer


def allowance(org: Org) -> int:
    return org.store.number("counter", "daily_api_requests") or org.spec.daily_api_requests


def used_today(org: Org, now: datetime) -> int:
    return org.store.number("api_calls", f"{now:%Y-%m-%d}")


def count_call(org: Org, now: datetime) -> str:
    """Count one call and return the value of Sforce-Limit-Info."""
    used = org.store.add("api_calls", f"{now:%Y-%m-%d}", 1)
    return f"api-usage={used}/{allowance(org)}"


def check_allowance(org: Org, now: datetime) -> None:
    """Raises ApiError REQUEST_LIMIT_EXCEEDED once the day's calls are spent."""
    if used_today(org, now) >= allowance(org):
        raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def limits(context: Context) -> Answer:
    if not has_permission(context.org, context.user_id, "ViewSetup"):
        raise insufficient_access()
    total = allowance(context.org)
    left = max(0, total - used_today(context.org, context.call.now))
    return Answer(
        body={
            "DailyApiRequests": {"Max": total, "Remaining": left},
            "DailyAsyncApexExecutions": {"Max": 250000, "Remaining": 250000},
            "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
            "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000},
            "DataStorageMB": {"Max": 11264, "Remaining": 10987},
            "FileStorageMB": {"Max": 20480, "Remaining": 20101},
            "HourlyPublishedPlatformEvents": {"Max": 250000, "Remaining": 250000},
            "SingleEmail": {"Max": 5000, "Remaining": 5000},
        }
    )


def record_count(context: Context) -> Answer:
    wanted = [name for name in context.call.query.get("sObjects", "").split(",") if name]
    names = [found.name for name in wanted if (found := find_sobject(name))]
    names = names or [sobject.name for sobject in SOBJECTS]
    counts = [
        {"count": len(context.org.records(name)), "name": name} for name in sorted(set(names))
    ]
    return Answer(body={"sObjects": counts})
