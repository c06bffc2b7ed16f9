"""What a query asks for: fields of people's records, or only ids and the org's own set-up."""

from collections.abc import Iterator

from tree_sitter import Node

from apps.posture.scan.grammar import text_of, walk

# Set-up objects hold no customers' data, and field security does not apply to them.
_SETUP = frozenset({
    "apexclass", "apexpage", "apextrigger", "asyncapexjob", "apextestqueueitem", "businesshours",
    "crontrigger", "cronjobdetail", "customobjectuserlicensemap", "datatype", "emailtemplate",
    "entitydefinition", "fielddefinition", "fieldpermissions", "folder", "group", "groupmember",
    "holiday", "objectpermissions", "opportunitystage", "organization", "orgwideemailaddress",
    "packagelicense", "permissionset", "permissionsetassignment", "permissionsetgroup",
    "permissionsetlicense", "picklistvalueinfo", "profile", "queuesobject", "recordtype",
    "setupentityaccess", "staticresource", "casestatus", "leadstatus", "taskstatus",
    "contractstatus", "userlicense", "userrole", "network", "site", "domain", "namedcredential",
})  # fmt: skip


def reads_records(query: Node) -> bool:
    """Whether a query asks for records that sharing may hide: not when it counts, or asks for the
    org's set-up."""
    return any(_records_asked(body) is not None for body in _bodies(query))


def gives_fields(query: Node) -> bool:
    """Whether a query gives fields of such records that a user may not see. Ids are no field."""
    return any(_is_field(each) for body in _bodies(query) for each in _records_asked(body) or ())


def _bodies(query: Node) -> Iterator[Node]:
    """The query and those inside it; what does not parse as one is taken for one that reads."""
    found = [node for node in walk(query) if node.type == "soql_query_body"]
    yield from found or [query]


def _records_asked(body: Node) -> list[Node] | None:
    """What is selected of records, or None when none are asked for."""
    clauses = {child.type: child for child in body.named_children}
    select, source = clauses.get("select_clause"), clauses.get("from_clause")
    if select is None or source is None:
        return [body]
    kinds = [text_of(each).lower() for each in source.named_children]
    if kinds and all(kind in _SETUP or kind.endswith("__mdt") for kind in kinds):
        return None
    selected = [each for each in select.named_children if each.type != "count_expression"]
    return selected or None


def _is_field(selected: Node) -> bool:
    """A query inside is looked at by itself."""
    if selected.type == "subquery":
        return False
    return text_of(selected).lower().rpartition(".")[2] != "id"
