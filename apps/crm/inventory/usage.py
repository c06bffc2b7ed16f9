"""The org's own list of apps in use, installed or not.

Connect REST API, OAuth usage: pages of apps with identifier, name and origin. It tells neither
scopes nor policies. It needs Customize Application; an org that refuses leaves it unknown.
"""

from typing import Any

from apps.crm import errors
from apps.crm.client.org import READ
from apps.crm.inventory.packed import Record
from apps.crm.session import Org

PER_PAGE = 100
MOST_PAGES = 200  # an end, should an org name a next page for ever


def read_usage(org: Org) -> list[Record]:
    """Every app in use, each once. Raises `CrmError`, also for an answer that is none."""
    found: dict[str, Record] = {}
    for number in range(MOST_PAGES):
        page = _page(org, number)
        for row in page["apps"]:
            if isinstance(row, dict) and row.get("identifier"):
                found[str(row["identifier"])] = _kept(row)
        if not page.get("nextPageUrl"):
            return list(found.values())
    raise errors.NotJson(f"{org.host} lists apps in use without end.")


def _page(org: Org, number: int) -> dict[str, Any]:
    asked = {"page": str(number), "pageSize": str(PER_PAGE)}
    page = org.ask("GET", "apps/oauth/usage", READ, params=asked)
    if not isinstance(page, dict) or not isinstance(page.get("apps"), list):
        raise errors.NotJson(f"{org.host} answered with no list of apps in use.")
    return page


def _kept(row: Record) -> Record:
    name = row.get("developerName")
    packaged = row.get("isFromPackage")
    return {"identifier": row["identifier"], "developerName": name, "isFromPackage": packaged}
