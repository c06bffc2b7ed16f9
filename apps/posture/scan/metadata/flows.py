"""Flows: calls they make, addresses and secrets that stand in them.

Metadata API: meta_visual_workflow.htm (Flow).
"""

from pathlib import PurePosixPath

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.hosts import URL
from apps.posture.scan.xmltree import Node

_CALLING = frozenset({"externalService", "httpCallout"})
_TOUCHING = ("recordLookups", "recordCreates", "recordUpdates", "recordDeletes")
_SHOWN = frozenset({"fieldText", "helpText", "description", "text"})  # links that people read


def read_flow(root: Node, path: str, context: Context) -> None:
    """Calls by external service, outbound messages, and addresses in formulas and values."""
    source = f"Flow {PurePosixPath(path).name.partition('.')[0]}"
    for call in root.all("actionCalls"):
        kind, action = call.value("actionType"), call.value("actionName")
        if kind in _CALLING:
            place = Place(path, call.line, call.column)
            context.callouts.append((place, action.partition(".")[0]))
    _read_mode(root, path, context, source)
    parents: list[tuple[Node, str]] = [(root, "")]
    while parents:
        node, name = parents.pop()
        here = node.value("name") or name
        if node.text and node.tag not in _SHOWN:
            _read_text(node, here, path, context, source)
        parents.extend((child, here) for child in node.children)


def _read_mode(root: Node, path: str, context: Context, source: str) -> None:
    """A flow that ignores sharing where it touches records. Flow, `runInMode`."""
    mode = root.find("runInMode")
    if mode is None or mode.text != "SystemModeWithoutSharing":
        return
    if any(root.find(tag) is not None for tag in _TOUCHING):
        said = f"{source} reads or writes records in system mode without sharing."
        context.report.add("without-sharing", Place(path, mode.line, mode.column), said)


def read_workflow(root: Node, path: str, context: Context) -> None:
    """Outbound messages of workflow rules send records to an address by themselves."""
    for message in root.all("outboundMessages"):
        source = f"Outbound message {message.value('fullName')}"
        place = Place(path, message.line, message.column)
        context.calls(message.value("endpointUrl"), place, source=source)
        if message.value("includeSessionId").lower() == "true":
            said = f"{source} sends a session along with the record."
            context.report.add("secret", place, said, subject="session id")


def _read_text(node: Node, name: str, path: str, context: Context, source: str) -> None:
    place = Place(path, node.line, node.column)
    if context.check_secret(name, node.text, place, source=source):
        return
    for found in URL.finditer(node.text):
        context.mentions(found.group(0), place, source=source)
