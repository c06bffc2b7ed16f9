"""Who may sign people in to the org: authentication providers and single sign-on.

Metadata API: meta_authproviders.htm. A provider's secret is retrieved as a placeholder; whoever
deploys one writes it in the clear.
"""

from pathlib import PurePosixPath

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.secrets import is_placeholder
from apps.posture.scan.xmltree import Node

_SECRETS = {"consumerSecret": "consumer secret", "ecKey": "private key"}
_CALLED = ("tokenUrl", "userInfoUrl")  # by the org itself; the others by people's browsers
_NAMED = ("authorizeUrl", "idTokenIssuer", "logoutUrl", "errorUrl")


def read_auth_provider(root: Node, path: str, context: Context) -> None:
    """Its secret, its endpoints, and whether its secret can be read through the API."""
    source = f"Auth. provider {PurePosixPath(path).name.partition('.')[0]}"
    for tag, words in _SECRETS.items():
        found = root.find(tag)
        if found is not None and not is_placeholder(found.text):
            said = f"{source} holds its {words}."
            context.report.add("secret", _place(found, path), said, subject=words)
    for tag in _CALLED:
        if (url := root.find(tag)) is not None:
            context.calls(url.text, _place(url, path), source=source)
    for tag in _NAMED:
        if (url := root.find(tag)) is not None:
            context.mentions(url.text, _place(url, path), source=source)
    told = root.find("sendSecretInApis")
    if told is not None and told.text.lower() == "true" and root.value("consumerKey"):
        said = f"{source} tells its consumer secret to whoever reads it through the API."
        context.report.add("secret-exposed", _place(told, path), said)


def _place(node: Node, path: str) -> Place:
    return Place(path, node.line, node.column)
