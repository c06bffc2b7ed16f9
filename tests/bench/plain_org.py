"""What an inventory of an org costs with plain simple-salesforce: the same reads, nothing around.

It has no counts to compare with, no budget, no repeats and no typed errors. Windows of CreatedDate
are given to it, because without them it would stop at 2,500 tokens and not notice.
"""

from collections.abc import Iterable
from typing import Any

import requests
from simple_salesforce.api import Salesforce

from apps.crm.inventory import names, read, tokens

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
    return found


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
