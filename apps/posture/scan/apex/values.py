"""What a string expression is known to begin with, from the literals and constants of one file."""

from tree_sitter import Node

from apps.posture.scan.effort import spend
from apps.posture.scan.grammar import parent_of, text_of, walk

_METHODS = frozenset({"method_declaration", "constructor_declaration"})
_OWN = ("url.getorgdomainurl()", "url.getsalesforcebaseurl()")  # Apex reference, URL class
_LONGEST_OWN = 40
MOST_BEGINNINGS = 100  # of one address; what else it may be is unknown
OWN_ADDRESS = "https://own.my.salesforce.com"  # stands for the org's own address
Names = dict[str, list[Node]]
Beginning = tuple[str | None, Node]
Followed = set[tuple[str, int]]
Onward = tuple[list[Node], bool]


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


def beginnings(node: Node, names: Names) -> list[Beginning]:
    """What an expression may begin with: literals, and None for each beginning that is unknown.

    `'https://a' + path` begins with its left part; a name with whatever it was given.
    """
    found: list[Beginning] = []
    followed: Followed = set()
    waiting = [node]
    while waiting:
        at = waiting.pop()
        spend(1)
        if len(found) == MOST_BEGINNINGS:
            return [*found, (None, at)]
        if (said := literal(at)) is not None:
            found.append((said, at))
        elif _is_own(at):
            found.append((OWN_ADDRESS, at))
        else:
            onward, is_unknown = _onward(at, names, followed)
            waiting.extend(reversed(onward))
            if is_unknown:
                found.append((None, at))
    return found


def _onward(node: Node, names: Names, followed: Followed) -> Onward:
    """The expressions whose beginnings are this one's, and whether it may begin otherwise too."""
    if node.type == "null_literal":
        return [], False
    if node.type == "binary_expression":
        return node.named_children[:1], False
    if node.type in {"parenthesized_expression", "cast_expression"}:
        return node.named_children[-1:], False
    if node.type == "ternary_expression":
        return node.named_children[-2:], False
    if node.type in {"identifier", "field_access"}:
        return _of_name(node, names, followed)
    return _of_call(node)


def _of_name(node: Node, names: Names, followed: Followed) -> Onward:
    """Each name is followed once; what a method is given, its callers decide."""
    name, method = _last_name(node), _method_of(node) if node.type == "identifier" else None
    at = (name, method.start_byte if method is not None else -1)
    if at in followed:
        return [], False
    followed.add(at)
    values, kind = names.get(name, []), _declared_as(name, method)
    if method is not None and kind:  # the same name elsewhere in the file is another variable
        values = [each for each in values if method.start_byte <= each.start_byte < method.end_byte]
    return values, not values or kind == "formal_parameter"


def _method_of(node: Node) -> Node | None:
    above = parent_of(node)
    while above is not None and above.type not in _METHODS:
        above = parent_of(above)
    return above


def _declared_as(name: str, method: Node | None) -> str:
    """How a method declares a name, or ""."""
    for found in walk(method) if method is not None else ():
        if found.type in {"formal_parameter", "variable_declarator"} and (
            text_of(found.child_by_field_name("name")).lower() == name
        ):
            return found.type
    return ""


def _is_own(node: Node) -> bool:
    """`URL.getOrgDomainUrl()…`: the org itself."""
    if node.type != "method_invocation":
        return False
    return text_of(node)[:_LONGEST_OWN].lower().removeprefix("system.").startswith(_OWN)


def _of_call(node: Node) -> Onward:
    """`String.format('https://…', …)` begins with its first argument; `'…'.trim()` with itself."""
    if node.type != "method_invocation":
        return [], True
    owner, arguments = node.child_by_field_name("object"), node.child_by_field_name("arguments")
    if owner is not None and text_of(owner).lower() == "string":
        return (arguments.named_children[:1] if arguments is not None else []), False
    name = text_of(node.child_by_field_name("name")).lower()
    if owner is not None and name in {"trim", "removeend", "replace", "tolowercase"}:
        return [owner], False
    return [], True


def _last_name(node: Node) -> str:
    """`this.url` and `url` are the same name here."""
    return text_of(node).rpartition(".")[2].lower()
