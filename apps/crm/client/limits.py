"""What the org says of its own allowance when it is asked.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_limits.htm
The figures lag by up to five minutes; `Sforce-Limit-Info`, which comes with answers, does not.
"""

from apps.crm import errors
from apps.crm.client.org import READ, Org


def daily_requests(org: Org) -> tuple[int, int] | None:
    """API requests of 24 hours (used, allowed); None where the org does not tell this user.

    Raises `CrmError` for anything but that refusal.
    """
    try:
        told = org.ask("GET", "limits", READ)
    except (errors.AccessRefused, errors.RecordMissing):
        return None
    requests = told.get("DailyApiRequests") if isinstance(told, dict) else None
    if not isinstance(requests, dict):
        return None
    allowed, left = requests.get("Max"), requests.get("Remaining")
    if not isinstance(allowed, int) or not isinstance(left, int) or not 0 <= left <= allowed:
        return None
    return allowed - left, allowed
