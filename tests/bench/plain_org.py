"""What an inventory of an org costs with plain simple-salesforce: the same reads, nothing around.

It has no counts to compare with, no budget, no repeats and no typed errors. Windows of CreatedDate
are given to it, because without them it would stop at 2,500 tokens and not notice.
"""

from collections.abc import Iterable
from typing import Any

import requests
from simple_salesforce.api import Salesforce

from apps.crm.inventory import names, reach, read, tokens, usage

Rows = list[dict[str, Any]]
SIMPLE = {
    "ConnectedApplication": "Id, Name, OptionsAllowAdminApprovedUsersOnly,"
    " OptionsRefreshTokenValidityMetric, RefreshTokenValidityPeriod",
    "ExternalClientApplication": "Id, DeveloperName, MasterLabel, DistributionState",
    "ExtlClntAppOauthPlcyCnfg": "Id, ExternalClientApplicationId, PermittedUsersPolicyType,"
    " RefreshTokenPolicyType, RefreshTokenValidityPeriod, RefreshTokenValidityUnit,"
    " IpRelaxationPolicyType, IsClientCredentialsFlowEnabled",
    "PermissionSetGroupComponent": "Id, PermissionSetGroupId, PermissionSetId",
}
ASSIGNMENT = (
    "Id, AssigneeId, PermissionSetId, PermissionSetGroupId, PermissionSetGroup.MasterLabel,"
    " PermissionSetGroup.DeveloperName, ExpirationDate, IsActive, IsRevoked"
)


def read_plainly(*, host: str, token: str, ca: str) -> dict[str, Rows]:
    """Everything that a snapshot reads."""
    session = requests.Session()
    session.trust_env, session.verify = False, ca
    org = Salesforce(instance=host, session_id=token, session=session, version="62.0")
    found = {name: _all(org, f"SELECT {fields} FROM {name}") for name, fields in SIMPLE.items()}
    flags = names.scope_flags(_fields(org.ExtlClntAppOauthSettings))
    wanted = ", ".join(("Id", "ExternalClientApplicationId", *flags))
    found["settings"] = _all(org, f"SELECT {wanted} FROM ExtlClntAppOauthSettings")
    held = names.dangerous_flags(_fields(org.PermissionSet))
    wanted = ", ".join(("Id", "Name", "Label", "IsOwnedByProfile", "ProfileId", *held))
    found["sets"] = _all(org, f"SELECT {wanted} FROM PermissionSet")
    found["tokens"] = _tokens(org)
    wanted = ", ".join(read.USER_FIELDS)
    users = _all(org, f"SELECT {wanted} FROM User WHERE {read.IS_INTEGRATION}")
    others = {row["UserId"] for row in found["tokens"]} - {row["Id"] for row in users}
    found["users"] = users + _by_ids(org, f"SELECT {wanted} FROM User WHERE Id", others)
    holders = {row["Id"] for row in found["users"]}
    query = f"SELECT {ASSIGNMENT} FROM PermissionSetAssignment WHERE AssigneeId"
    found["assignments"] = _by_ids(org, query, holders)
    return found | _beside(org, found)


def _beside(org: Salesforce, found: dict[str, Rows]) -> dict[str, Rows]:
    """What a snapshot reads beside its sources: metadata of apps one by one, as there is no other
    way without composite requests; ranges, apps in use, what sets give."""
    ranges = "SELECT ExtlClntAppOauthSettingsId, StartIpAddress, EndIpAddress"
    profiles = {row["ProfileId"] for row in found["users"] if row["ProfileId"]}
    settings = {"q": "SELECT Id, Metadata FROM SecuritySettings LIMIT 1"}
    held = {row["PermissionSetId"] for row in found["assignments"] if row["PermissionSetId"]}
    held |= {row["PermissionSetId"] for row in found["PermissionSetGroupComponent"]}
    objects = f"SELECT ParentId, SobjectType, {', '.join(reach.LETTERS)} FROM ObjectPermissions"
    whole = {"fields": "Id,Metadata"}
    apps = [row["Id"] for row in found["ConnectedApplication"]]
    return {
        "apps": _metadata(org, apps),
        "ranges": _all(org, f"{ranges} FROM ExtlClntAppOauthIpRange"),
        "profiles": [
            _one(org, f"tooling/sobjects/Profile/{each}", whole) for each in sorted(profiles)
        ],
        "trusted": [_one(org, "tooling/query", settings)],
        "used": _used(org),
        "objects": _by_ids(org, f"{objects} WHERE ParentId", held),
    }


def _metadata(org: Salesforce, ids: list[str]) -> Rows:
    """Of connected apps, 25 by a request: plain too, for whoever knows that this can be done."""
    path = "/services/data/v62.0/tooling/sobjects/ConnectedApplication"
    found = Rows()
    for start in range(0, len(ids), 25):
        reads = [
            {"method": "GET", "url": f"{path}/{each}?fields=Id,Metadata", "referenceId": f"r{at}"}
            for at, each in enumerate(ids[start : start + 25])
        ]
        body = {"compositeRequest": reads}
        answer: Any = org.restful("tooling/composite", method="POST", json=body)
        found += [part["body"] for part in answer["compositeResponse"]]
    return found


def _one(org: Salesforce, path: str, asked: dict[str, str]) -> dict[str, Any]:
    answer: Any = org.restful(path, asked)
    return dict(answer)


def _used(org: Salesforce) -> Rows:
    found, number = Rows(), 0
    while True:
        asked = {"page": number, "pageSize": usage.PER_PAGE}
        page: Any = org.restful("apps/oauth/usage", asked)
        found += page["apps"]
        if not page["nextPageUrl"]:
            return found
        number += 1


def _all(org: Salesforce, query: str) -> Rows:
    rows: Rows = org.query_all(query)["records"]
    return rows


def _fields(kind: Any) -> frozenset[str]:
    return frozenset(field["name"] for field in kind.describe()["fields"])


def _by_ids(org: Salesforce, query: str, ids: Iterable[str]) -> Rows:
    wanted, rows = sorted(ids), Rows()
    for start in range(0, len(wanted), 200):
        chosen = ", ".join(f"'{each}'" for each in wanted[start : start + 200])
        rows += _all(org, f"{query} IN ({chosen})")
    return rows


def _tokens(org: Salesforce) -> Rows:
    found: dict[str, dict[str, Any]] = {}
    since = ""
    while True:
        where = f" WHERE CreatedDate >= {since.replace('+0000', 'Z')}" if since else ""
        query = f"SELECT {tokens.FIELDS} FROM OauthToken{where}"
        rows = _all(org, f"{query} ORDER BY CreatedDate ASC LIMIT {tokens.WINDOW}")
        fresh = {row["DeleteToken"]: row for row in rows if row["DeleteToken"] not in found}
        if not fresh:
            return list(found.values())
        found |= fresh
        since = max(row["CreatedDate"] for row in fresh.values())
