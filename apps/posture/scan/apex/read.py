"""One Apex file, from its bytes to its findings."""

from pathlib import PurePosixPath

from tree_sitter import Node

from apps.posture.scan.context import Context
from apps.posture.scan.forms import read_forms
from apps.posture.scan.grammar import first_error, parse, text_of, walk

from .access import read_access
from .egress import makes_calls, read_egress, read_secrets
from .records import read_handed_records, read_sent_records
from .values import assigned_values


def read_apex(path: str, data: bytes, context: Context) -> None:
    """Read a class or trigger. Tests are searched for secrets only: what they call is made up."""
    root = parse("apex", data).root_node
    name = PurePosixPath(path).name
    if root.type == "ERROR" or not root.named_children:
        if data.strip() and not _only_comments(root):
            context.report.could_not_read(path, "it is not Apex that the grammar knows")
            read_forms(path, data, context, source=f"Apex {name}")
        return
    context.check_whole(first_error(root), path, "Apex")
    source = f"Trigger {name}" if name.endswith(".trigger") else f"Apex {name}"
    is_test = _is_test(root)
    read_secrets(root, path, context, source=source, by_name=not is_test)
    if is_test:
        return
    read_egress(root, assigned_values(root), path, context, source=source)
    if makes_calls(root):
        context.callers.add(name.partition(".")[0].lower())
        read_sent_records(root, path, context, source=source)
    else:
        read_handed_records(root, path, context, source=source)
    read_access(root, path, context, source=source)


def _is_test(root: Node) -> bool:
    for declaration in root.named_children:
        for modifiers in declaration.named_children:
            if modifiers.type == "modifiers" and any(map(_says_test, walk(modifiers))):
                return True
    return False


def _says_test(node: Node) -> bool:
    return node.type == "annotation" and (
        text_of(node.child_by_field_name("name")).lower() == "istest"
    )


def _only_comments(root: Node) -> bool:
    return all("comment" in child.type for child in root.children)
