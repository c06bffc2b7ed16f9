"""Whether code keeps to what the user may see: sharing of records, security of fields.

Rules: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_classes_keywords_sharing.htm
and apex_classes_enforce_usermode.htm.
"""

from tree_sitter import Node

from apps.posture.scan.context import Context
from apps.posture.scan.grammar import place_of, text_of, walk

from .queries import gives_fields, reads_records

_CHECKS = frozenset(
    [
        "stripinaccessible",
        "isaccessible",
        "iscreateable",
        "isupdateable",
        "isdeletable",
        "isqueryable",
    ]
)
_DYNAMIC = frozenset(["query", "querywithbinds", "getquerylocator", "countquery"])
_WRITES = frozenset(["insert", "update", "upsert", "delete", "undelete", "merge"])


def read_access(root: Node, path: str, context: Context, *, source: str) -> None:
    """Report `without sharing` where records are touched, and field access in system mode once."""
    touches = [node for node in walk(root) if _touches(node)]
    for node in walk(root):
        if node.type == "class_declaration" and _ignores_sharing(node) and _holds(node, touches):
            name = text_of(node.child_by_field_name("name"))
            said = f"Class {name} is declared `without sharing` and reads or writes records."
            context.report.add("without-sharing", place_of(node, path), said, subject=name)
    if any(_is_check(node) for node in walk(root)):
        return
    loose = [node for node in touches if _meets_fields(node) and not _in_user_mode(node)]
    if loose:
        times = (
            f"{len(loose)} queries or changes run" if len(loose) > 1 else "A query or change runs"
        )
        said = f"{source}: {times} in system mode, whatever fields the user may see."
        context.report.add("system-mode", place_of(loose[0], path), said)


def _touches(node: Node) -> bool:
    if node.type == "query_expression":
        return reads_records(node)
    if node.type == "dml_expression":
        return True
    if node.type != "method_invocation":
        return False
    owner = text_of(node.child_by_field_name("object")).lower()
    name = text_of(node.child_by_field_name("name")).lower()
    return owner in {"database", "system.database"} and (name in _DYNAMIC or name in _WRITES)


def _meets_fields(node: Node) -> bool:
    return node.type != "query_expression" or gives_fields(node)


def _in_user_mode(node: Node) -> bool:
    said = " ".join(text_of(node).lower().split())
    if node.type == "dml_expression":
        return any(child.type == "dml_security_mode" for child in walk(node)) and "as user" in said
    return any(word in said for word in ("user_mode", "security_enforced"))


def _is_check(node: Node) -> bool:
    return node.type == "method_invocation" and (
        text_of(node.child_by_field_name("name")).lower() in _CHECKS
    )


def _ignores_sharing(node: Node) -> bool:
    for modifiers in node.named_children:
        if modifiers.type == "modifiers":
            return any(found.type == "without_sharing" for found in walk(modifiers))
    return False


def _holds(node: Node, touches: list[Node]) -> bool:
    return any(
        node.start_byte <= touch.start_byte and touch.end_byte <= node.end_byte for touch in touches
    )
