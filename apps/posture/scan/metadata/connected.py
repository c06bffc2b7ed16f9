"""Connected apps, external client apps, installed packages: who may come in, and how far.

Metadata API: meta_connectedapp.htm, meta_externalclientapplication.htm, meta_installedpackage.htm.
"""

from pathlib import PurePosixPath

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.rules import Level
from apps.posture.scan.secrets import is_placeholder
from apps.posture.scan.xmltree import Node

from .ranges import width_of

_FOREVER = frozenset({"infinite", "infinity"})
# Values of `ipRelaxation` and `ipRelaxationPolicyType`, in lower case without `_`, and what they
# allow: nothing, all with or without a second factor, or refreshing tokens from anywhere.
_ENFORCED = frozenset({"enforce", "enforceactivatedusers"})
_RELAXED_FOR_REFRESH = "enforcerelaxrefresh"


def read_connected_app(root: Node, path: str, context: Context) -> None:
    """Scopes, address limits and token lifetimes of a connected app."""
    source, place = f"Connected app {_label(root, path)}", Place(path, root.line, root.column)
    context.check_tool([root.value("label"), _name(path)], place, source=source)
    oauth = root.find("oauthConfig")
    if oauth is None:
        return
    for scope in oauth.all("scopes"):
        if scope.text.lower() == "full":
            _full(scope, path, context, source)
    secret = oauth.find("consumerSecret")
    if secret is not None and not is_placeholder(secret.text):
        said = f"{source} holds its consumer secret."
        context.report.add("secret", Place(path, secret.line, secret.column), said)
    policy = root.find("oauthPolicy")
    _read_limits(root, policy, path, context, source)
    kept = policy.find("refreshTokenPolicy") if policy else None
    asks = any(
        scope.text.lower() in {"refreshtoken", "offlineaccess"} for scope in oauth.all("scopes")
    )
    if kept is not None and kept.text.partition(":")[0].lower() in _FOREVER and asks:
        said = f"Refresh tokens of {_inside(source)} are valid until somebody revokes them."
        context.report.add("app-token-forever", Place(path, kept.line, kept.column), said)
    approved = oauth.find("isAdminApproved")
    if approved is not None and approved.text.lower() == "false":
        _self_authorized(approved, path, context, source)


def read_client_app_scopes(root: Node, path: str, context: Context) -> None:
    """Scopes of an external client app (`commaSeparatedOauthScopes`)."""
    scopes = root.find("commaSeparatedOauthScopes")
    if scopes and "full" in {word.strip().lower() for word in scopes.text.split(",")}:
        _full(scopes, path, context, f"External client app {_label(root, path)}")


def read_client_app_policies(root: Node, path: str, context: Context) -> None:
    """What an admin allows an external client app."""
    source = f"External client app {_label(root, path)}"
    relaxed = root.find("ipRelaxationPolicyType")
    if relaxed is not None:
        _read_relaxation(relaxed, path, context, source)
    permitted = root.find("permittedUsersPolicyType")
    if permitted is not None and permitted.text == "AllSelfAuthorized":
        _self_authorized(permitted, path, context, source)
    kept = root.find("refreshTokenPolicyType")
    if kept is not None and kept.text.lower() in _FOREVER:
        said = f"Refresh tokens of {_inside(source)} never expire."
        context.report.add("app-token-forever", Place(path, kept.line, kept.column), said)


def read_client_app_secret(root: Node, path: str, context: Context) -> None:
    """The consumer secret of an external client app (ExtlClntAppGlobalOauthSettings)."""
    source = f"External client app {_label(root, path)}"
    secret = root.find("consumerSecret")
    if secret is not None and not is_placeholder(secret.text):
        said = f"{source} holds its consumer secret."
        context.report.add("secret", Place(path, secret.line, secret.column), said)


def read_package(root: Node, path: str, context: Context) -> None:
    """An installed package may be an integration tool's."""
    name = _name(path)
    context.check_tool([name], Place(path, root.line, root.column), source=f"Package {name}")


def _read_limits(root: Node, policy: Node | None, path: str, context: Context, source: str) -> None:
    """Without a policy of its own an app keeps to its ranges, and to none when it names none."""
    relaxed = policy.find("ipRelaxation") if policy else None
    for each in root.all("ipRanges"):
        if width_of(each.value("start"), each.value("end")) == "all":
            said = f"{source} names a range of every address."
            context.report.add("app-no-ip-limit", Place(path, each.line, each.column), said)
    if relaxed is not None:
        _read_relaxation(relaxed, path, context, source)
    elif not root.all("ipRanges"):
        said = f"{source} names no IP ranges, and no policy that would enforce them."
        context.report.add("app-no-ip-limit", Place(path, root.line, root.column), said)


def _read_relaxation(relaxed: Node, path: str, context: Context, source: str) -> None:
    """Relaxed for refreshing weighs less: tokens are first given at an address that is allowed."""
    policy = relaxed.text.lower().replace("_", "")
    if policy in _ENFORCED:
        return
    weight: Level = "note" if policy == _RELAXED_FOR_REFRESH else "warning"
    said = f"{source} relaxes IP restrictions ({relaxed.text})."
    place = Place(path, relaxed.line, relaxed.column)
    context.report.add("app-no-ip-limit", place, said, raised=weight)


def _self_authorized(node: Node, path: str, context: Context, source: str) -> None:
    said = f"Every user may authorise {_inside(source)} without an admin's approval."
    context.report.add("app-self-authorized", Place(path, node.line, node.column), said)


def _full(node: Node, path: str, context: Context, source: str) -> None:
    said = f"{source} may ask for the scope `full`: everything that its user can do."
    context.report.add("app-full-scope", Place(path, node.line, node.column), said)


def _inside(source: str) -> str:
    """A source inside a sentence; the app keeps its own name."""
    return source[:1].lower() + source[1:]


def _label(root: Node, path: str) -> str:
    return root.value("label") or root.value("externalClientApplication") or _name(path)


def _name(path: str) -> str:
    return PurePosixPath(path).name.partition(".")[0]
