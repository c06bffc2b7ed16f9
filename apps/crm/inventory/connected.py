"""What connected apps may do, from their metadata, where the org tells it.

The object ConnectedApplication has neither scopes nor address rules; its `Metadata` in the Tooling
API has both, but many orgs refuse it. What is refused stays unknown.
Metadata API: meta_connectedapp.htm. Composite: at most 25 reads a call, which count as one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from apps.crm.client import composite
from apps.crm.client.composite import Part
from apps.crm.client.soql import checked_id
from apps.crm.errors import CrmError
from apps.crm.inventory.packed import Record
from apps.crm.session import Org

_NAMES = {
    "basic": "id",
    "chatter": "chatter_api",
    "customapplications": "visualforce",
    "customermatching": "customer_matching",
    "custompermissions": "custom_permissions",
    "offlineaccess": "offline_access",
    "pardotapi": "pardot_api",
    "refreshtoken": "refresh_token",
    "userregistration": "user_registration_api",
    "wave": "wave_api",
}
_RELAXATION = {
    "ENFORCE": "Enforce",
    "BYPASS": "Bypass",
    "ACTIVATED_BYPASS": "EnforceActivatedBypass",
}
_LIFETIMES = {
    "infinite": "Infinite",
    "zero": "Zero",
    "specific_lifetime": "SpecificLifetime",
    "specific_inactivity": "SpecificInactivity",
}


Kept = Callable[[Mapping[str, Any]], Record]


def read_apps(org: Org, app_ids: Iterable[str]) -> dict[str, Record]:
    """The metadata of those connected apps that the org tells, by id."""
    return read_metadata(org, "ConnectedApplication", app_ids, kept=_kept)


def read_metadata(org: Org, sobject: str, ids: Iterable[str], *, kept: Kept) -> dict[str, Record]:
    """What is `kept` of the metadata of those records that the org tells, by id. Ends at the first
    call that gives nothing, so that an org that refuses costs one call."""
    told: dict[str, Record] = {}
    for part in _parts(list(ids)):
        try:
            found = _read(org, sobject, part, kept)
        except CrmError:
            return told
        if not found:
            return told
        told |= found
    return told


def scopes_in(metadata: Mapping[str, Any]) -> list[str] | None:
    """The scopes by their OAuth names, sorted; None where the metadata does not tell."""
    oauth = metadata.get("oauthConfig")
    if not isinstance(oauth, Mapping) or not isinstance(oauth.get("scopes"), list):
        return None
    spelled = [str(scope).lower() for scope in oauth["scopes"]]
    return sorted({_NAMES.get(scope, scope) for scope in spelled})


def relaxation_in(metadata: Mapping[str, Any]) -> str:
    """Whether addresses are restricted, in the word that external client apps have for it."""
    told = str(_policy(metadata).get("ipRelaxation") or "")
    return _RELAXATION.get(told, told)[:60]


def refresh_in(metadata: Mapping[str, Any]) -> str:
    """How long refresh tokens live, as external client apps say it; `specific_lifetime:30:DAYS`
    in the metadata."""
    kind, *rest = str(_policy(metadata).get("refreshTokenPolicy") or "").split(":")
    words = " ".join(rest).lower()
    name = _LIFETIMES.get(kind, kind)
    return f"{name}: {words}"[:120] if words else name[:120]


def _policy(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    policy = metadata.get("oauthPolicy")
    return policy if isinstance(policy, Mapping) else {}


def _read(org: Org, sobject: str, ids: list[str], kept: Kept) -> dict[str, Record]:
    """What the org tells of up to 25 records; those that it refuses by themselves are left out."""
    parts = [
        Part(f"row{number}", "GET", f"sobjects/{sobject}/{checked_id(each)}?fields=Id,Metadata")
        for number, each in enumerate(ids)
    ]
    told = composite.send(org, parts, all_or_none=False, api="tooling/")
    bodies = [each.body for each in told if isinstance(each.body, dict)]
    return {
        str(body["Id"]): kept(body["Metadata"])
        for body in bodies
        if "Id" in body and isinstance(body.get("Metadata"), dict)
    }


def _kept(metadata: Mapping[str, Any]) -> Record:
    """Scopes, policies and ranges only: the rest may hold a consumer's key."""
    oauth = metadata.get("oauthConfig")
    scopes = {"scopes": oauth.get("scopes")} if isinstance(oauth, Mapping) else None
    policy = metadata.get("oauthPolicy")
    return {"oauthConfig": scopes, "oauthPolicy": policy, "ipRanges": metadata.get("ipRanges")}


def _parts(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), composite.AT_MOST):
        yield ids[start : start + composite.AT_MOST]
