"""What can be typed to propose each kind of change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps.changes.kinds.base import Value
from apps.changes.models import Proposal
from apps.crm.models import Connection
from apps.residency.selectors import list_zones

WATCHED = (
    "The console watches these networks and reports who comes from elsewhere; it keeps nobody out."
    " What the org itself lets in is set by its administrator in Salesforce: Setup, Network Access,"
    " and the login ranges of profiles and apps."
)
KEEP = "Leave it empty to keep the one in use."


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. `look` is text, area, choice or secret."""

    name: str
    label: str
    value: str = ""
    look: str = "text"
    help: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    flows: str = "jwt_bearer client_credentials refresh_token"  # the ways to sign in that use it

    @property
    def is_required(self) -> bool:
        """Whether it cannot be left empty, whatever else is typed."""
        return self.look in {"text", "choice"} and self.name != "username"

    @property
    def is_secret(self) -> bool:
        return self.look == "secret"


def fields_of(code: str, base: Value, typed: Mapping[str, str]) -> list[Field]:
    """The form of one kind, filled with what is in force or was typed; none where all is given."""
    build = FORMS.get(code)
    return build({**base, **typed}) if build else []


def wanted_from(fields: list[Field], typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, without secrets, as a kind takes it."""
    found: dict[str, Any] = {
        each.name: typed[each.name] for each in fields if not each.is_secret and each.name in typed
    }
    if "networks" in found:
        found["networks"] = found["networks"].replace(",", " ").split()
    return found


def secrets_from(fields: list[Field], typed: Mapping[str, str]) -> dict[str, str]:
    """The secrets that were typed."""
    return {each.name: typed.get(each.name, "") for each in fields if each.is_secret}


def _networks(value: Mapping[str, Any]) -> list[Field]:
    networks = value["networks"]
    return [
        Field(
            "networks",
            "It may be used from",
            networks if isinstance(networks, str) else "\n".join(networks),
            "area",
            "Networks such as 203.0.113.0/24, one a line. Empty means from everywhere.",
        )
    ]


def _org_networks(value: Mapping[str, Any]) -> list[Field]:
    [field_] = _networks(value)
    label = "Callers of this org may come from"
    return [replace(field_, label=label, help=f"{field_.help} {WATCHED}")]


def _connection(value: Mapping[str, Any]) -> list[Field]:
    return [
        Field("host", "My Domain host", value["host"]),
        Field("path", "Path", value["path"], "choice", choices=list(Connection.Path.choices)),
        Field(
            "flow", "Signs in by", value["flow"], "choice", choices=list(Connection.Flow.choices)
        ),
        Field("client_id", "Consumer key", value["client_id"]),
        Field("username", "User name", value["username"], flows="jwt_bearer refresh_token"),
        Field(
            "private_key",
            "New private key",
            look="secret",
            help=KEEP,
            flows="jwt_bearer refresh_token",
        ),
        Field(
            "client_secret",
            "New consumer secret",
            look="secret",
            help=KEEP,
            flows="client_credentials refresh_token",
        ),
        Field(
            "refresh_token", "New refresh token", look="secret", help=KEEP, flows="refresh_token"
        ),
        Field(
            "reserve_percent",
            "Kept for emergency access, in percent",
            str(value["reserve_percent"]),
        ),
        Field(
            "calls_at_once",
            "Calls at once",
            str(value["calls_at_once"]),
            "text",
            "1 to 25; Salesforce allows 25 long ones in a production org.",
        ),
    ]


def _endpoint(value: Mapping[str, Any]) -> list[Field]:
    zones = [(str(zone.pk), f"{zone} ({', '.join(zone.jurisdictions)})") for zone in list_zones()]
    return [
        Field("base_url", "Address", value["base_url"], "text", "Such as https://llm.example.org."),
        Field("zone", "Zone", value["zone"], "choice", "Where the server stands.", zones),
        Field("model", "Model", value["model"]),
        Field("api_key", "New key", "", "secret", KEEP),
    ]


def _zone_path(value: Mapping[str, Any]) -> list[Field]:
    typed = value["private_only"]
    chosen = typed if isinstance(typed, str) else {True: "yes", False: "no"}[typed]
    choices = [("no", "By any path"), ("yes", "By a private path only")]
    return [
        Field("private_only", "Orgs of this zone are called", chosen, "choice", choices=choices)
    ]


FORMS: dict[str, Callable[[Mapping[str, Any]], list[Field]]] = {
    Proposal.Kind.TOKEN_NETWORKS: _networks,
    Proposal.Kind.ORG_NETWORKS: _org_networks,
    Proposal.Kind.CONNECTION: _connection,
    Proposal.Kind.ENDPOINT: _endpoint,
    Proposal.Kind.ZONE_PATH: _zone_path,
}
