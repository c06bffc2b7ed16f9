"""Where Apex calls out, and the addresses and secrets that stand in its strings."""

from collections.abc import Iterator

from tree_sitter import Node

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.grammar import parent_of, place_of, text_of, walk
from apps.posture.scan.hosts import URL, urls_in

from .values import Names, beginnings, literal

CALLOUT = "callout:"
_LONGEST_SHOWN = 60


def read_egress(root: Node, names: Names, path: str, context: Context, *, source: str) -> None:
    """Report callouts first; an address that was called is not mentioned again."""
    called: set[tuple[int, int]] = set()
    for target, where in _targets(root, names):
        called |= _read_call(target, place_of(where, path), names, context, source)
    for node in walk(root):
        if node.type != "string_literal" or node.start_point[:2] in called:
            continue
        said = literal(node) or ""
        for url in urls_in(said):
            context.mentions(url, place_of(node, path), source=source)


def makes_calls(root: Node) -> bool:
    """Whether the file prepares an HTTP request or calls a SOAP service."""
    return any(_sets_endpoint(node) or _calls_soap(node) for node in walk(root))


def read_secrets(root: Node, path: str, context: Context, *, source: str, by_name: bool) -> None:
    """Secrets in string literals, by their form, and by the name they go under where asked."""
    for node in walk(root):
        if node.type == "string_literal":
            name = _goes_under(node) if by_name else ""
            context.check_secret(name, literal(node) or "", place_of(node, path), source=source)


def _targets(root: Node, names: Names) -> Iterator[tuple[Node, Node]]:
    """Every address that is called, and where it is.

    Classes made of a WSDL keep theirs in `endpoint_x`: Apex Developer Guide, "WSDL2Apex".
    """
    for node in walk(root):
        if _sets_endpoint(node):
            arguments = node.child_by_field_name("arguments")
            if arguments is not None and arguments.named_children:
                yield arguments.named_children[0], node
    if any(map(_calls_soap, walk(root))):
        yield from ((value, value) for value in names.get("endpoint_x", []))


def _sets_endpoint(node: Node) -> bool:
    return node.type == "method_invocation" and _name(node) == "setendpoint"


def _calls_soap(node: Node) -> bool:
    owner = text_of(node.child_by_field_name("object")).lower()
    return node.type == "method_invocation" and owner.endswith("webservicecallout")


def _read_call(
    target: Node, place: Place, names: Names, context: Context, source: str
) -> set[tuple[int, int]]:
    found = beginnings(target, names)
    unknown, known = any(said is None for said, _ in found), False
    for said, _ in found:
        if said is not None and said.lower().startswith(CALLOUT):
            context.callouts.append((place, said[len(CALLOUT) :].partition("/")[0]))
            known = True
        elif said is not None and URL.match(said):
            context.calls(said, place, source=source)
            known = True
    if unknown or not known:
        shown = " ".join(text_of(target).split())[:_LONGEST_SHOWN]
        context.calls_unknown(place, source=source, how=f"an address kept in `{shown}`")
    return {(each.start_point[0], each.start_point[1]) for said, each in found if said is not None}


def _name(node: Node) -> str:
    return text_of(node.child_by_field_name("name")).lower()


def _goes_under(node: Node) -> str:
    """The name that a literal is given to: a variable, a map's key, a header."""
    parent = parent_of(node)
    if parent is None:
        return ""
    if parent.type == "variable_declarator":
        return text_of(parent.child_by_field_name("name"))
    if parent.type == "assignment_expression":
        return text_of(parent.child_by_field_name("left")).rpartition(".")[2]
    siblings = parent.named_children
    if parent.type in {"map_key_initializer", "argument_list"} and len(siblings) == 2:
        first = literal(siblings[0])
        if first is not None and siblings[1] == node:
            return first
    return ""
