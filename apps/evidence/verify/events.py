"""Every event: its line, its leaf, the tree over all, and the spreadsheet copy."""

from dataclasses import dataclass, field
from itertools import zip_longest

from apps.evidence.pack import canonical, manifest
from apps.evidence.pack.events import MalformedLine, iterate_lines, split_line, write_csv
from apps.ledger.merkle import leaf_hash, root_of

from .attachments import Attached
from .manifest import Manifest
from .report import Exit, Problem, needed


@dataclass(frozen=True)
class Events:
    """All top-level keys, the leaves computed here in file order, the tenants they name."""

    names: set[str]
    leaves: list[bytes]
    tenants: set[str] = field(default_factory=set)


def check_events(attached: Attached) -> tuple[str, Events]:
    """Check the form of every line and that its leaf is the hash of its body."""
    jsonl = needed(attached.files.get(manifest.EVENTS_NAME), manifest.EVENTS_NAME)
    events = Events(set(), [])
    start = 0
    for number, line in enumerate(_lines(jsonl), 1):
        where = f"{manifest.EVENTS_NAME} line {number:,}, bytes {start:,} to {start + len(line):,}"
        _read_line(line, where, events)
        start += len(line) + 1
    return f"{len(events.leaves):,} events, each with the leaf its bytes give", events


def _lines(jsonl: bytes) -> list[bytes]:
    try:
        return list(iterate_lines(jsonl))
    except MalformedLine as error:
        raise Problem(Exit.EVENT, str(error), manifest.EVENTS_NAME) from error


def _read_line(line: bytes, where: str, events: Events) -> None:
    try:
        body, stated = split_line(line)
        row = canonical.load_object(body)
    except (MalformedLine, canonical.NotCanonical) as error:
        raise Problem(Exit.EVENT, f"the line is {error}", where) from error
    leaf = leaf_hash(body)
    if leaf.hex().encode() != stated:
        raise Problem(Exit.EVENT, "the event differs from its leaf", where)
    events.names.update(row)
    events.leaves.append(leaf)
    if "tenant_id" in row:
        events.tenants.add(str(row["tenant_id"]))


def check_root(events: Events, listed: Manifest) -> tuple[str, str]:
    """Check the number of events and the RFC 6962 root the manifest states."""
    stated = listed.predicate["events"]
    if stated["tree"] != manifest.TREE_KIND:
        raise Problem(Exit.ROOT, "the manifest speaks of another kind of tree")
    if stated["count"] != len(events.leaves):
        said = f"{stated['count']} events stated, {len(events.leaves)} found"
        raise Problem(Exit.ROOT, said, manifest.EVENTS_NAME)
    root = root_of(events.leaves).hex()
    if stated["root"] != root:
        raise Problem(Exit.ROOT, "the tree over the events has another root", f"computed {root}")
    return f"the tree over all events has the stated root {root[:16]}…", root


def check_spreadsheet(attached: Attached, events: Events) -> tuple[str, bool]:
    """Check that the CSV is exactly what the JSON lines give."""
    given = needed(attached.files.get(manifest.EVENTS_CSV_NAME), manifest.EVENTS_CSV_NAME)
    jsonl = needed(attached.files.get(manifest.EVENTS_NAME), manifest.EVENTS_NAME)
    expected = write_csv(jsonl, events.names)
    if given != expected:
        pairs = zip_longest(given.split(b"\r\n"), expected.split(b"\r\n"))
        number = next(row for row, (left, right) in enumerate(pairs, 1) if left != right)
        where = f"{manifest.EVENTS_CSV_NAME} row {number:,}"
        raise Problem(Exit.EVENT, "the spreadsheet differs from the events", where)
    return "the spreadsheet says the same as the events", True
