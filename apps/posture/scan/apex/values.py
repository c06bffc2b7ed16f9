"""What a string expression is known to begin with, from the literals and constants of one file."""

from tree_sitter import Node

from apps.posture.scan.grammar import text_of, walk

_STEPS = 8  # how far names are followed
_METHODS = frozenset({"method_declaration", "constructor_declaration"})
_OWN = ("url.getorgdomainurl()", "url.getsalesforcebaseurl()")  # Apex reference, URL class
OWN_ADDRESS = "https://own.my.salesforce.com"  # stands for the org's own address
Names = dict[str, list[Node]]


def assigned_values(root: Node) -> Names:
    """Every value given to a name in the file, by lower-cased name: Apex does not mind the case."""
    found: Names = {}
    for node in walk(root):
        if node.type == "variable_declarator":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        elif node.type == "assignment_expression":
            name, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        else:
            continue
        if name is not None and value is not None:
            found.setdefault(_last_name(name), []).append(value)
    return found


def literal(node: Node) -> str | None:
    """The text of a string literal without its quotes, or None for anything else."""
    return text_of(node)[1:-1] if node.type == "string_literal" else None


def beginnings(node: Node, names: Names, *, steps: int = _STEPS) -> list[tuple[str, Node]]:
    """Literals that an expression may begin with, each with where it stands; [] when unknown.

    `'https://a' + path` begins with its left part; a name with whatever it was given.
    """
    if (said := literal(node)) is not None:
        return [(said, node)]
    if steps == 0:
        return []
    if node.type == "binary_expression":
        left = node.child_by_field_name("left")
        return [] if left is None else beginnings(left, names, steps=steps - 1)
    if node.type in {"parenthesized_expression", "ternary_expression", "cast_expression"}:
        return _of_all(node.named_children[-2:], names, steps)
    if node.type in {"identifier", "field_access"}:
        return _of_all(names.get(_last_name(node), []), names, steps)
    return _of_call(node, names, steps)


def giving_method(node: Node) -> Node | None:
    """The method whose parameter an expression begins with: its callers decide, not this file."""
    first = node
    while first.type == "binary_expression" and first.named_children:
        first = first.named_children[0]
    method = node.parent if first.type == "identifier" else None
    while method is not None and method.type not in _METHODS:
        method = method.parent
    if method is None:
        return None
    taken = {
        text_of(found.child_by_field_name("name")).lower()
        for found in walk(method)
        if found.type == "formal_parameter"
    }
    return method if text_of(first).lower() in taken else None


def _of_call(node: Node, names: Names, steps: int) -> list[tuple[str, Node]]:
    """`String.format('https://…', …)` begins with its first argument; `'…'.trim()` with itself."""
    if node.type != "method_invocation":
        return []
    owner, arguments = node.child_by_field_name("object"), node.child_by_field_name("arguments")
    if text_of(node).lower().removeprefix("system.").startswith(_OWN):
        return [(OWN_ADDRESS, node)]
    if owner is not None and text_of(owner).lower() == "string":
        first = arguments.named_children[:1] if arguments is not None else []
        return _of_all(first, names, steps)
    name = text_of(node.child_by_field_name("name")).lower()
    if owner is not None and name in {"trim", "removeend", "replace", "tolowercase"}:
        return beginnings(owner, names, steps=steps - 1)
    return []


def _of_all(nodes: list[Node], names: Names, steps: int) -> list[tuple[str, Node]]:
    return [pair for node in nodes for pair in beginnings(node, names, steps=steps - 1)]


def _last_name(node: Node) -> str:
    """`this.url` and `url` are the same name here."""
    return text_of(node).rpartition(".")[2].lower()
