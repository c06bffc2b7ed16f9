"""Where Apex calls out, and the addresses and secrets that stand in its strings."""

from tree_sitter import Node

from apps.posture.scan.context import Context
from apps.posture.scan.grammar import place_of, text_of, walk
from apps.posture.scan.hosts import URL, urls_in

from .values import Names, beginnings, literal

CALLOUT = "callout:"
_LONGEST_SHOWN = 60


def read_egress(root: Node, names: Names, path: str, context: Context, *, source: str) -> None:
    """Report callouts first; an address that was called is not mentioned again."""
    called: set[tuple[int, int]] = set()
    for node in walk(root):
        if node.type == "method_invocation" and _name(node) == "setendpoint":
            called |= _read_call(node, names, path, context, source)
    for node in walk(root):
        if node.type != "string_literal" or node.start_point[:2] in called:
            continue
        said = literal(node) or ""
        for url in urls_in(said):
            context.mentions(url, place_of(node, path), source=source)


def makes_calls(root: Node) -> bool:
    """Whether the file prepares an HTTP request."""
    return any(
        node.type == "method_invocation" and _name(node) == "setendpoint" for node in walk(root)
    )


def read_secrets(root: Node, path: str, context: Context, *, source: str, by_name: bool) -> None:
    """Secrets in string literals, by their form, and by the name they go under where asked."""
    for node in walk(root):
        if node.type == "string_literal":
            name = _goes_under(node) if by_name else ""
            context.check_secret(name, literal(node) or "", place_of(node, path), source=source)


def _read_call(
    node: Node, names: Names, path: str, context: Context, source: str
) -> set[tuple[int, int]]:
    arguments = node.child_by_field_name("arguments")
    if arguments is None or not arguments.named_children:
        return set()
    target, place = arguments.named_children[0], place_of(node, path)
    found = beginnings(target, names)
    for said, _ in found:
        if said.lower().startswith(CALLOUT):
            context.callouts.append((place, said[len(CALLOUT) :].partition("/")[0]))
        elif URL.match(said):
            context.calls(said, place, source=source)
    if not any(said.lower().startswith(CALLOUT) or URL.match(said) for said, _ in found):
        shown = " ".join(text_of(target).split())[:_LONGEST_SHOWN]
        context.calls_unknown(place, source=source, how=f"an address kept in `{shown}`")
    return {(place.start_point[0], place.start_point[1]) for _, place in found}


def _name(node: Node) -> str:
    return text_of(node.child_by_field_name("name")).lower()


def _goes_under(node: Node) -> str:
    """The name that a literal is given to: a variable, a map's key, a header."""
    parent = node.parent
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
