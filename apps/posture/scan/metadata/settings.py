"""Settings of the org: who may connect apps, which networks are trusted, how sessions are held.

Metadata API: meta_connectedappsettings.htm, meta_externalclientappsettings.htm,
meta_securitysettings.htm (NetworkAccess, SessionSettings).
"""

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.rules import Level
from apps.posture.scan.xmltree import Node

from .ranges import width_of

# What each means when it is off, and how much it weighs.
_SESSION: dict[str, tuple[str, Level]] = {
    "enforceIpRangesEveryRequest": (
        "login IP ranges are tested at sign-in only, not on every request",
        "warning",
    ),
    "lockSessionsToIp": ("a session works from another address than it began at", "note"),
    "lockSessionsToDomain": ("a session works on other domains than it began at", "warning"),
}
_WORDS = {"all": "every address", "wide": "more addresses than a network of one's own has"}


def read_connected_app_settings(root: Node, path: str, context: Context) -> None:
    """API access control: whether only apps that an admin approved may be used."""
    for tag, who in (
        ("enableAdminApprovedAppsOnly", "Users"),
        ("enableAdminApprovedAppsOnlyForExternalUser", "External users"),
    ):
        found = root.find(tag)
        if found is not None and found.text.lower() == "false":
            said = f"{who} may authorise apps that no admin approved (`{tag}` is off)."
            context.report.add("api-access-open", _place(found, path), said)


def read_client_app_settings(root: Node, path: str, context: Context) -> None:
    """Whether consumer secrets of external client apps can be read through APIs."""
    for tag in ("enableClientSecretInRestApiAccess", "enableConsumerSecretApiAccess"):
        found = root.find(tag)
        if found is not None and found.text.lower() == "true":
            said = (
                f"Consumer secrets of external client apps can be read through the API (`{tag}`)."
            )
            context.report.add("secret-exposed", _place(found, path), said, subject=tag)


def read_security_settings(root: Node, path: str, context: Context) -> None:
    """Trusted networks and sessions. A setting that the file does not hold is not judged."""
    for each in (network.all("ipRanges") for network in root.all("networkAccess")):
        for trusted in each:
            _read_trusted(trusted, path, context)
    for session in root.all("sessionSettings"):
        for tag, (words, level) in _SESSION.items():
            found = session.find(tag)
            if found is not None and found.text.lower() == "false":
                said = f"`{tag}` is off: {words}."
                place = _place(found, path)
                context.report.add("session-loose", place, said, subject=tag, raised=level)
    https = root.find("enableRequireHttpsConnection")
    if https is not None and https.text.lower() == "false":
        said = "`enableRequireHttpsConnection` is off: the org may be reached without encryption."
        context.report.add("egress-plain-http", _place(https, path), said)


def _read_trusted(trusted: Node, path: str, context: Context) -> None:
    first, last = trusted.value("start"), trusted.value("end")
    width = width_of(first, last)
    if width:
        said = f"The org trusts {_WORDS[width]} ({first} to {last})."
        level: Level = "error" if width == "all" else "warning"
        place = _place(trusted, path)
        context.report.add("network-open", place, said, subject=f"{first}-{last}", raised=level)


def _place(node: Node, path: str) -> Place:
    return Place(path, node.line, node.column)
