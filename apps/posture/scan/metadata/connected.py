"""Connected apps, external client apps, installed packages: who may come in, and how far.

Metadata API: meta_connectedapp.htm, meta_externalclientapplication.htm, meta_installedpackage.htm.
"""

from pathlib import PurePosixPath

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.xmltree import Node

_BYPASSED = frozenset({"BYPASS", "RELAXED", "RELAX_IP_RESTRICTIONS", "Bypass", "Relax"})
_FOREVER = frozenset({"infinite", "Infinite", "infinity"})


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
    if secret := oauth.find("consumerSecret"):
        said = f"{source} holds its consumer secret."
        context.report.add("secret", Place(path, secret.line, secret.column), said)
    policy = root.find("oauthPolicy")
    _read_limits(root, policy, path, context, source)
    kept = policy.find("refreshTokenPolicy") if policy else None
    asks = any(
        scope.text.lower() in {"refreshtoken", "offlineaccess"} for scope in oauth.all("scopes")
    )
    if kept is not None and kept.text.partition(":")[0] in _FOREVER and asks:
        said = f"Refresh tokens of {source.lower()} are valid until somebody revokes them."
        context.report.add("app-token-forever", Place(path, kept.line, kept.column), said)


def read_client_app_scopes(root: Node, path: str, context: Context) -> None:
    """Scopes of an external client app (`commaSeparatedOauthScopes`)."""
    scopes = root.find("commaSeparatedOauthScopes")
    if scopes and "full" in {word.strip().lower() for word in scopes.text.split(",")}:
        _full(scopes, path, context, f"External client app {_label(root, path)}")


def read_client_app_policies(root: Node, path: str, context: Context) -> None:
    """What an admin allows an external client app."""
    source = f"External client app {_label(root, path)}"
    relaxed = root.find("ipRelaxationPolicyType")
    if relaxed is not None and relaxed.text in _BYPASSED:
        said = f"{source} does not enforce IP restrictions."
        context.report.add("app-no-ip-limit", Place(path, relaxed.line, relaxed.column), said)
    kept = root.find("refreshTokenPolicyType")
    if kept is not None and kept.text in _FOREVER:
        said = f"Refresh tokens of {source.lower()} never expire."
        context.report.add("app-token-forever", Place(path, kept.line, kept.column), said)


def read_package(root: Node, path: str, context: Context) -> None:
    """An installed package may be an integration tool's."""
    name = _name(path)
    context.check_tool([name], Place(path, root.line, root.column), source=f"Package {name}")


def _read_limits(root: Node, policy: Node | None, path: str, context: Context, source: str) -> None:
    ranges = root.all("ipRanges")
    relaxed = policy.find("ipRelaxation") if policy else None
    where = relaxed or root
    if relaxed is not None and relaxed.text.upper() not in {"ENFORCE"}:
        said = f"{source} relaxes IP restrictions ({relaxed.text})."
    elif not ranges and relaxed is None:
        said = f"{source} names no IP ranges, and no policy that would enforce them."
    else:
        return
    context.report.add("app-no-ip-limit", Place(path, where.line, where.column), said)


def _full(node: Node, path: str, context: Context, source: str) -> None:
    said = f"{source} may ask for the scope `full`: everything that its user can do."
    context.report.add("app-full-scope", Place(path, node.line, node.column), said)


def _label(root: Node, path: str) -> str:
    return root.value("label") or root.value("externalClientApplication") or _name(path)


def _name(path: str) -> str:
    return PurePosixPath(path).name.partition(".")[0]
