"""The two forms of the event list: JSON lines that keep every byte, and a spreadsheet copy.

One line of ``events.jsonl`` is ``{"body":BODY,"leaf":"HEX"}`` where BODY is the ledger's raw
canonical JSON, byte for byte, and HEX is SHA-256(0x00 || BODY). A reader may cut the body out of
the line by position and needs no JSON parser to hash it. The JSON lines are the authority.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from . import canonical
from .errors import ContentRefused
from .merkle import leaf_hash, root_hash

_HEAD, _MIDDLE, _TAIL = b'{"body":', b',"leaf":"', b'"}'
_LEAF_CHARS = 64
_CLOSING = len(_MIDDLE) + _LEAF_CHARS + len(_TAIL)
_FIRST_COLUMNS = ("recorded_at", "action", "actor", "target", "outcome")
# OWASP "CSV Injection": these open a formula; the wide forms are read as their plain twins.
_FORMULA_STARTS = tuple("=+-@\t\r\n|%＝＋－＠")


class MalformedLine(ValueError):
    """A line of ``events.jsonl`` does not have the agreed shape."""


@dataclass(frozen=True)
class EventLists:
    """Both files and the Merkle root over the leaves in file order."""

    jsonl: bytes
    csv: bytes
    count: int
    root: bytes


def write_events(bodies: Iterable[bytes]) -> EventLists:
    """Return both lists for raw canonical bodies; refuse a body that is not canonical JSON."""
    lines: list[bytes] = []
    leaves: list[bytes] = []
    rows: list[dict[str, Any]] = []
    for number, body in enumerate(bodies, 1):
        rows.append(_read_body(number, body))
        leaf = leaf_hash(body)
        leaves.append(leaf)
        lines.append(_HEAD + body + _MIDDLE + leaf.hex().encode() + _TAIL + b"\n")
    return EventLists(
        jsonl=b"".join(lines),
        csv=write_csv(rows, leaves),
        count=len(lines),
        root=root_hash(leaves),
    )


def _read_body(number: int, body: bytes) -> dict[str, Any]:
    try:
        return canonical.load_object(body)
    except canonical.NotCanonical as error:
        raise ContentRefused(f"event {number}", str(error)) from error


def split_line(line: bytes) -> tuple[bytes, bytes]:
    """Return (body, leaf in hex) of one line without its newline; raise ``MalformedLine``."""
    body, middle = line[len(_HEAD) : -_CLOSING], line[-_CLOSING : -_CLOSING + len(_MIDDLE)]
    leaf = line[-len(_TAIL) - _LEAF_CHARS : -len(_TAIL)]
    if line != _HEAD + body + _MIDDLE + leaf + _TAIL or middle != _MIDDLE or not body:
        raise MalformedLine('not of the form {"body":…,"leaf":"…"}')
    return body, leaf


def write_csv(rows: list[dict[str, Any]], leaves: list[bytes]) -> bytes:
    """Return the spreadsheet copy: one column for each top-level key, formula starts disarmed."""
    columns = _columns(rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["line", *map(_safe, columns), "leaf"])
    for number, (row, leaf) in enumerate(zip(rows, leaves, strict=True), 1):
        writer.writerow([str(number), *(_cell(row.get(name)) for name in columns), leaf.hex()])
    # The byte order mark makes spreadsheet programs read the file as UTF-8.
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _columns(rows: Iterable[dict[str, Any]]) -> list[str]:
    names: set[str] = set().union(*(row.keys() for row in rows))
    first = [name for name in _FIRST_COLUMNS if name in names]
    return first + sorted(names.difference(first))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _safe(value)
    return canonical.dumps(value).decode("utf-8")


def _safe(text: str) -> str:
    """Disarm a formula with a leading apostrophe, also behind white space (OWASP)."""
    return "'" + text if text.lstrip(" \u00a0\ufeff").startswith(_FORMULA_STARTS) else text


def iterate_lines(jsonl: bytes) -> Iterator[bytes]:
    """Yield the lines without their newlines; a file that does not end in one is malformed."""
    if jsonl and not jsonl.endswith(b"\n"):
        raise MalformedLine("the last line is cut off")
    start = 0
    while start < len(jsonl):
        end = jsonl.index(b"\n", start)
        yield jsonl[start:end]
        start = end + 1
