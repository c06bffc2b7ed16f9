"""The address ranges that an org lets apps and people in from, as "first-last".

Object reference: ExtlClntAppOauthIpRange. Metadata API: Profile (`loginIpRanges`), SecuritySettings
(`networkAccess`), both told by the Tooling API where the org lets it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from apps.crm.inventory.connected import read_metadata
from apps.crm.inventory.packed import Record
from apps.crm.session import Org

MOST_RANGES = 500  # of one app or profile; more would be no restriction


def of_client_apps(org: Org) -> dict[str, list[str]]:
    """Ranges by the id of an external client app's OAuth settings. Raises `CrmError`."""
    query = (
        "SELECT ExtlClntAppOauthSettingsId, StartIpAddress, EndIpAddress"
        " FROM ExtlClntAppOauthIpRange"
    )
    found: dict[str, list[str]] = {}
    for row in org.query(query):
        told = _range(row.get("StartIpAddress"), row.get("EndIpAddress"))
        found.setdefault(str(row["ExtlClntAppOauthSettingsId"]), []).append(told)
    return {key: sorted(told) for key, told in found.items()}


def of_profiles(org: Org, profile_ids: Iterable[str]) -> dict[str, list[str]]:
    """Login ranges by profile, of those profiles that the org tells."""
    told = read_metadata(org, "Profile", sorted(profile_ids), kept=_login_ranges)
    return {key: each["ranges"] for key, each in told.items()}


def trusted(org: Org) -> list[str] | None:
    """The org's trusted ranges; None where it does not tell them. Raises `CrmError`."""
    rows = org.tooling_query("SELECT Id, Metadata FROM SecuritySettings LIMIT 1")
    metadata = next(iter(rows), {}).get("Metadata")
    if not isinstance(metadata, Mapping):
        return None
    access = metadata.get("networkAccess")
    listed = access.get("ipRanges") if isinstance(access, Mapping) else None
    return _listed(listed, first="start", last="end")


def in_metadata(metadata: Mapping[str, Any]) -> list[str] | None:
    """The ranges of a connected app; None where its metadata was not told."""
    if "ipRanges" not in metadata:
        return None
    return _listed(metadata["ipRanges"], first="startAddress", last="endAddress")


def _login_ranges(metadata: Mapping[str, Any]) -> Record:
    listed = metadata.get("loginIpRanges")
    return {"ranges": _listed(listed, first="startAddress", last="endAddress")}


def _listed(rows: Any, *, first: str, last: str) -> list[str]:
    if not isinstance(rows, list):
        return []
    told = (_range(row.get(first), row.get(last)) for row in rows if isinstance(row, Mapping))
    return sorted(told)[:MOST_RANGES]


def _range(first: Any, last: Any) -> str:
    return f"{str(first or '')[:45]}-{str(last or first or '')[:45]}"
