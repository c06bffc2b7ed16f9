"""All sources of a snapshot, in an order in which each knows what to ask for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from apps.crm import errors
from apps.crm.inventory import names
from apps.crm.inventory.beside import Beside, read_beside
from apps.crm.inventory.connected import read_apps
from apps.crm.inventory.packed import Record, joined
from apps.crm.inventory.reading import Source, read_all, read_by_ids, read_into
from apps.crm.inventory.sight import doubt_tokens, read_lacking
from apps.crm.inventory.tokens import read_tokens
from apps.crm.session import Org

LABELS = {
    "ConnectedApplication": "Connected apps",
    "ExternalClientApplication": "External client apps",
    "ExtlClntAppOauthSettings": "Scopes of external client apps",
    "ExtlClntAppOauthPlcyCnfg": "Policies of external client apps",
    "OauthToken": "OAuth tokens",
    "User": "Integration users and token holders",
    "PermissionSet": "Permission sets",
    "PermissionSetGroupComponent": "Members of permission set groups",
    "PermissionSetAssignment": "Permission set assignments",
}
INTEGRATION_LICENCE = "Salesforce Integration"
INTEGRATION_PROFILE = "Salesforce API Only System Integrations"
USER_FIELDS = (
    "Id",
    "Username",
    "Name",
    "IsActive",
    "LastLoginDate",
    "ProfileId",
    "Profile.Name",
    "Profile.UserLicense.Name",
)
IS_INTEGRATION = (
    f"(Profile.UserLicense.Name = '{INTEGRATION_LICENCE}'"
    f" OR Profile.Name = '{INTEGRATION_PROFILE}')"
)
Told = Callable[[list[Source]], None]


@dataclass
class Inventory:
    """Everything read from one org, source by source."""

    sources: dict[str, Source] = field(
        default_factory=lambda: {name: Source(name, label) for name, label in LABELS.items()}
    )
    scope_flags: list[str] = field(default_factory=list)
    permission_flags: list[str] = field(default_factory=list)
    lacking: list[str] | None = None
    """Permissions without which the console's user sees its own rows alone; None is unknown."""
    app_metadata: dict[str, Record] = field(default_factory=dict)
    """What the org tells beyond its sources, by app; absent is unknown."""
    muting: dict[str, Record] = field(default_factory=dict)
    """Sets that take permissions away within groups, by id; absent is unknown."""
    beside: Beside = field(default_factory=Beside)

    def __getitem__(self, name: str) -> Source:
        return self.sources[name]

    @property
    def is_complete(self) -> bool:
        """Whether every source was read in full."""
        return all(source.state == "complete" for source in self.sources.values())


def read_inventory(org: Org, *, told: Told, watched: Iterable[str] = ()) -> Inventory:
    """Read every source; `told` hears of the progress after each. Of `watched` objects fields are
    read, too."""
    found = Inventory()
    stopped: errors.CrmError | None = None
    for name, source in found.sources.items():
        if stopped is not None:
            source.state, source.error = "failed", f"Not read: {stopped.message}"
            continue
        told(list(found.sources.values()))
        stopped = read_into(source, partial(_READERS[name], org, found))
    told(list(found.sources.values()))
    if stopped is None:
        read_beside(org, found.sources, found.beside, watched=watched)
    return found


def _split(fields: str) -> list[str]:
    return [field.strip() for field in fields.split(",")]


def _connected_apps(org: Org, found: Inventory, source: Source) -> None:
    fields = (
        "Id, Name, OptionsAllowAdminApprovedUsersOnly, OptionsRefreshTokenValidityMetric,"
        " RefreshTokenValidityPeriod"
    )
    read_all(org, source, fields=_split(fields))
    found.app_metadata = read_apps(org, (str(row["Id"]) for row in source.rows))


def _external_apps(org: Org, found: Inventory, source: Source) -> None:
    read_all(org, source, fields=("Id", "DeveloperName", "MasterLabel", "DistributionState"))


def _scopes(org: Org, found: Inventory, source: Source) -> None:
    found.scope_flags = names.scope_flags(org.fields_of(source.source))
    read_all(org, source, fields=("Id", "ExternalClientApplicationId", *found.scope_flags))


def _policies(org: Org, found: Inventory, source: Source) -> None:
    fields = (
        "Id, ExternalClientApplicationId, PermittedUsersPolicyType, RefreshTokenPolicyType,"
        " RefreshTokenValidityPeriod, RefreshTokenValidityUnit, IpRelaxationPolicyType,"
        " IsClientCredentialsFlowEnabled, ClientCredentialsFlowUser"
    )
    read_all(org, source, fields=_split(fields))


def _tokens(org: Org, found: Inventory, source: Source) -> None:
    read_tokens(org, source)
    found.lacking = read_lacking(org)
    doubt_tokens(source, found.lacking)


def _users(org: Org, found: Inventory, source: Source) -> None:
    integration = Source(source.source, source.label)
    read_all(org, integration, fields=USER_FIELDS, where=IS_INTEGRATION)
    seen = {row["Id"] for row in integration.rows}
    holders = {str(row["UserId"]) for row in found["OauthToken"].rows} - seen
    others = Source(source.source, source.label)
    read_by_ids(org, others, fields=USER_FIELDS, key="Id", ids=holders)
    expected = (integration.expected or 0) + len(holders)
    source.way = integration.way or others.way
    source.settle(joined(integration.rows, others.rows), expected=expected)
    if found["OauthToken"].state != "complete" and source.state == "complete":
        source.state = "incomplete"
        source.error = "Not all tokens could be read, so further holders of tokens are unknown."


def _permission_sets(org: Org, found: Inventory, source: Source) -> None:
    found.permission_flags = names.dangerous_flags(org.fields_of(source.source))
    fields = ("Id", "Name", "Label", "IsOwnedByProfile", "ProfileId", *found.permission_flags)
    read_all(org, source, fields=fields)


def _group_members(org: Org, found: Inventory, source: Source) -> None:
    read_all(org, source, fields=("Id", "PermissionSetGroupId", "PermissionSetId"))
    sets = {str(row["Id"]) for row in found["PermissionSet"].rows}
    if any(str(row["PermissionSetId"]) not in sets for row in source.rows):
        muting = Source("MutingPermissionSet", "Muting permission sets")
        read_into(muting, partial(_muting_sets, org, found))
        if muting.state == "complete":
            found.muting = {str(row["Id"]): row for row in muting.rows}


def _muting_sets(org: Org, found: Inventory, source: Source) -> None:
    known = org.fields_of(source.source)
    if missing := [flag for flag in found.permission_flags if flag not in known]:
        raise errors.CrmError(f"Muting permission sets do not tell {missing[0]}.")
    read_all(org, source, fields=("Id", "MasterLabel", *found.permission_flags))


def _assignments(org: Org, found: Inventory, source: Source) -> None:
    fields = (
        "Id, AssigneeId, PermissionSetId, PermissionSetGroupId, PermissionSetGroup.MasterLabel,"
        " PermissionSetGroup.DeveloperName, ExpirationDate, IsActive, IsRevoked"
    )
    holders = {str(row["Id"]) for row in found["User"].rows}
    read_by_ids(org, source, fields=_split(fields), key="AssigneeId", ids=holders)
    if found["User"].state != "complete" and source.state == "complete":
        source.state = "incomplete"
        source.error = "Not all accounts could be read, so further assignments are unknown."


_READERS: dict[str, Callable[[Org, Inventory, Source], None]] = {
    "ConnectedApplication": _connected_apps,
    "ExternalClientApplication": _external_apps,
    "ExtlClntAppOauthSettings": _scopes,
    "ExtlClntAppOauthPlcyCnfg": _policies,
    "OauthToken": _tokens,
    "User": _users,
    "PermissionSet": _permission_sets,
    "PermissionSetGroupComponent": _group_members,
    "PermissionSetAssignment": _assignments,
}
