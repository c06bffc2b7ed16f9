"""Lightning and Aura JavaScript: calls, addresses, secrets."""

from pathlib import PurePosixPath

from tree_sitter import Node

from .context import Context
from .forms import read_forms
from .grammar import first_error, is_minified, parent_of, parse, place_of, text_of, walk
from .hosts import URL, urls_in

_CALLS = frozenset(
    {"fetch", "loadScript", "loadStyle", "importScripts", "sendBeacon", "axios", "$.ajax"}
)
_METHODS = frozenset({"fetch", "sendBeacon", "open", "post", "put", "patch", "request", "ajax"})
_CONSTRUCTED = frozenset({"WebSocket", "EventSource", "Request"})
_TEXTS = frozenset({"string", "template_string"})


def read_javascript(path: str, data: bytes, context: Context, *, below: int = 0) -> None:
    """Read a module, or a script cut out of a page (`below` lines into it).

    What a tool wrote on one line is read for the forms of addresses and secrets only.
    """
    source = f"JavaScript {PurePosixPath(path).name}"
    if is_minified(data):
        read_forms(path, data, context, source=source)
        return
    root = parse("javascript", data).root_node
    if not is_library(path):
        context.check_whole(first_error(root), path, "JavaScript", below=below)
    constants = _constants(root)
    called: set[int] = set()
    for node in walk(root):
        for target in _targets(node):
            text = constants.get(text_of(target)) if target.type == "identifier" else target
            if text is not None and URL.match(_said(text)):
                called.add(text.start_byte)
                context.calls(_said(text), place_of(node, path, below=below), source=source)
    is_test = ".test." in path or "__tests__" in path or "__mocks__" in path
    for node in walk(root):
        if node.type in _TEXTS:
            _read_text(
                node, path, context, source, below, known=node.start_byte in called or is_test
            )


def is_library(path: str) -> bool:
    """Whether a file came in a static resource; what it is made of is not the org's to mend."""
    return "staticresources" in PurePosixPath(path).parts


def _read_text(
    node: Node, path: str, context: Context, source: str, below: int, *, known: bool
) -> None:
    said, place = _said(node), place_of(node, path, below=below)
    name = "" if known else _goes_under(node)
    context.check_secret(name, said, place, source=source)
    for url in () if known else urls_in(said):
        context.mentions(url, place, source=source)


def _targets(node: Node) -> list[Node]:
    """The arguments of a call that may be its address."""
    arguments = node.child_by_field_name("arguments")
    if arguments is None:
        return []
    if node.type == "new_expression":
        is_call = text_of(node.child_by_field_name("constructor")) in _CONSTRUCTED
    elif node.type == "call_expression":
        function = node.child_by_field_name("function")
        name = text_of(function)
        is_call = name in _CALLS or name.rpartition(".")[2] in _METHODS
        if name in {"open", "window.open"}:  # shows a page to a person
            return []
    else:
        return []
    return list(arguments.named_children[:2]) if is_call else []


def _constants(root: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in walk(root):
        if node.type == "variable_declarator":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is not None and value is not None and value.type in _TEXTS:
                found[text_of(name)] = value
    return found


def _said(node: Node) -> str:
    """A text without its quotes; what a template puts in is left out."""
    if node.type not in _TEXTS:
        return ""
    return text_of(node)[1:-1]


def _goes_under(node: Node) -> str:
    parent = parent_of(node)
    if parent is None:
        return ""
    if parent.type == "variable_declarator":
        return text_of(parent.child_by_field_name("name"))
    if parent.type == "assignment_expression":
        return text_of(parent.child_by_field_name("left")).rpartition(".")[2]
    if parent.type in {"pair", "field_definition"} and parent.named_children[-1] == node:
        return text_of(parent.named_children[0]).strip("'\"")
    return ""
