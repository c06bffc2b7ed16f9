"""Which classes a value is handed to, inside one file: `Sender.post(body)`, `new Sender(body)`."""

from tree_sitter import Node

from apps.posture.scan.grammar import parent_of, text_of, walk

_CALLS = frozenset({"method_invocation", "object_creation_expression"})


def receivers_of(value: Node, root: Node) -> frozenset[str]:
    """Classes, in lower case, whose methods or constructors get the value or a name it is given."""
    direct = _call_around(value)
    if direct is not None:
        return frozenset({_class_of(direct, _types(root))} - {""})
    name = _name_given(value)
    if not name:
        return frozenset()
    types = _types(root)
    found = {_class_of(call, types) for call in walk(root) if _passes(call, name)}
    return frozenset(found - {""})


def _call_around(value: Node) -> Node | None:
    parent = parent_of(value)
    if parent is None or parent.type != "argument_list":
        return None
    call = parent_of(parent)
    return call if call is not None and call.type in _CALLS else None


def _name_given(value: Node) -> str:
    parent = parent_of(value)
    if parent is None:
        return ""
    field = {"variable_declarator": "name", "assignment_expression": "left"}.get(parent.type)
    return text_of(parent.child_by_field_name(field)).lower() if field else ""


def _passes(node: Node, name: str) -> bool:
    if node.type not in _CALLS:
        return False
    arguments = node.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    return any(text_of(each).lower() == name for each in given)


def _class_of(call: Node, types: dict[str, str]) -> str:
    if call.type == "object_creation_expression":
        return text_of(call.child_by_field_name("type")).lower()
    owner = call.child_by_field_name("object")
    if owner is None:
        return ""
    if owner.type == "object_creation_expression":
        return text_of(owner.child_by_field_name("type")).lower()
    said = text_of(owner).lower()
    return types.get(said, said)


def _types(root: Node) -> dict[str, str]:
    """The declared type of each name, both in lower case."""
    found: dict[str, str] = {}
    for node in walk(root):
        if node.type == "variable_declarator" and (above := parent_of(node)) is not None:
            kind = text_of(above.child_by_field_name("type"))
        elif node.type == "formal_parameter":
            kind = text_of(node.child_by_field_name("type"))
        else:
            continue
        found[text_of(node.child_by_field_name("name")).lower()] = kind.lower()
    return found
