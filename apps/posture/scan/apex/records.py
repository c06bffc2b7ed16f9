"""Whole records that are turned into text and sent out."""

from collections.abc import Iterator

from tree_sitter import Node

from apps.posture.scan.context import Context
from apps.posture.scan.grammar import parent_of, place_of, text_of, walk

from .handing import receivers_of

_TRIGGER_ROWS = frozenset({"trigger.new", "trigger.old", "trigger.newmap", "trigger.oldmap"})
_STANDARD = frozenset({
    "sobject", "account", "contact", "lead", "opportunity", "case", "user", "task", "event",
    "contract", "order", "quote", "product2", "asset", "campaign", "campaignmember",
    "contentversion", "contentdocument", "attachment", "note", "emailmessage", "individual",
    "opportunitylineitem", "orderitem", "pricebookentry", "solution", "workorder",
    "servicecontract", "entitlement", "livechattranscript", "messagingsession", "voicecall",
    "knowledge__kav",
})  # fmt: skip


def read_sent_records(root: Node, path: str, context: Context, *, source: str) -> None:
    """Report `JSON.serialize` of whole records in a file that calls out."""
    for node, what in _made_text(root):
        said = f"{source} sends out {what}."
        context.report.add("full-record", place_of(node, path), said, subject=what)


def read_handed_records(root: Node, path: str, context: Context, *, source: str) -> None:
    """Keep `JSON.serialize` of whole records that another class is given; it may call out."""
    for node, what in _made_text(root):
        if owners := receivers_of(node, root):
            said = f"{source} hands {what} to code that sends them out."
            context.handed.append((place_of(node, path), said, owners))


def _made_text(root: Node) -> Iterator[tuple[Node, str]]:
    """Every `JSON.serialize` of whole records, and which ones."""
    kinds = _declared(root)
    for node in walk(root):
        if node.type != "method_invocation" or not _serializes(node):
            continue
        arguments = node.child_by_field_name("arguments")
        first = arguments.named_children[0] if arguments and arguments.named_children else None
        if first is not None and (what := _whole(first, kinds)):
            yield node, what


def _serializes(node: Node) -> bool:
    owner = text_of(node.child_by_field_name("object")).lower()
    name = text_of(node.child_by_field_name("name")).lower()
    return owner in {"json", "system.json"} and name in {"serialize", "serializepretty"}


def _whole(node: Node, kinds: dict[str, str]) -> str:
    said = text_of(node).lower()
    if said in _TRIGGER_ROWS:
        return f"all of {text_of(node)}"
    kind = kinds.get(said) if node.type == "identifier" else None
    return f"whole records ({kind})" if kind else ""


def _declared(root: Node) -> dict[str, str]:
    """Names that hold whole records: parameters and variables of a record type.

    A name that was filled by a query holds the fields it selects, which is what minimising means.
    """
    found: dict[str, str] = {}
    for node in walk(root):
        if node.type in {"formal_parameter", "enhanced_for_statement"}:
            typed = node
        elif node.type == "variable_declarator" and (above := parent_of(node)) is not None:
            typed = above
        else:
            continue
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        kind = text_of(typed.child_by_field_name("type"))
        if name is not None and _is_record(kind) and not _selects_fields(value):
            found[text_of(name).lower()] = kind
    return found


def _is_record(kind: str) -> bool:
    """Whether a type is a record or a collection of records. Ids and texts are not."""
    inner = kind.lower().replace(" ", "").removesuffix("[]")
    for shell in ("list<", "set<", "map<id,", "map<string,"):
        if inner.startswith(shell):
            inner = inner.removeprefix(shell).removesuffix(">")
    inner = inner.rpartition(".")[2]
    return inner in _STANDARD or inner.endswith("__c")


def _selects_fields(value: Node | None) -> bool:
    if value is None:
        return False
    if value.type == "query_expression":
        return "fields(" not in text_of(value).lower()
    return value.type in {"object_creation_expression", "list_creation_expression"} or (
        value.type == "array_creation_expression"
    )
