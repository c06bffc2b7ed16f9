"""The two forms of the event list: JSON lines that keep every byte, and a spreadsheet copy.

One line of ``events.jsonl`` is ``{"body":BODY,"leaf":"HEX"}`` where BODY is the ledger's raw
canonical JSON, byte for byte, and HEX is SHA-256(0x00 || BODY). A reader may cut the body out of
the line by position and needs no JSON parser to hash it. The JSON lines are the authority.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.ledger.merkle import leaf_hash, root_of

from . import canonical
from .errors import ContentRefused

_HEAD, _MIDDLE, _TAIL = b'{"body":', b',"leaf":"', b'"}'
_LEAF_CHARS = 64
_CLOSING = len(_MIDDLE) + _LEAF_CHARS + len(_TAIL)
_CELL_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_FIRST_COLUMNS = ("recorded_at", "action", "actor", "target", "outcome")
# OWASP "CSV Injection": these open a formula; the wide forms are read as their plain twins.
_FORMULA_STARTS = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")


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
    names: set[str] = set()
    for number, body in enumerate(bodies, 1):
        names.update(_read_body(number, body))
        leaf = leaf_hash(body)
        leaves.append(leaf)
        lines.append(_line(body, leaf))
    jsonl = b"".join(lines)
    del lines  # a hundred thousand events weigh tens of megabytes
    return EventLists(
        jsonl=jsonl, csv=write_csv(jsonl, names), count=len(leaves), root=root_of(leaves)
    )


def write_lines(bodies: Iterable[bytes]) -> bytes:
    """Return the JSON lines alone, unchecked: for keeping them until the pack is drawn."""
    return b"".join(_line(body, leaf_hash(body)) for body in bodies)


def _line(body: bytes, leaf: bytes) -> bytes:
    return _HEAD + body + _MIDDLE + leaf.hex().encode() + _TAIL + b"\n"


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


def write_csv(jsonl: bytes, names: Iterable[str]) -> bytes:
    """Return the spreadsheet copy of checked JSON lines, formula starts disarmed.

    ``names`` are all top-level keys. The lines are read once more rather than kept as objects:
    that takes a second and saves most of the memory.
    """
    columns = _columns(names)
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["line", *map(_safe, columns), "leaf"])
    for number, line in enumerate(iterate_lines(jsonl), 1):
        body, leaf = split_line(line)
        row = json.loads(body)
        cells = (_cell(row.get(name)) for name in columns)
        writer.writerow([str(number), *cells, leaf.decode("ascii")])
    # The byte order mark makes spreadsheet programs read the file as UTF-8.
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _columns(names: Iterable[str]) -> list[str]:
    known = set(names)
    first = [name for name in _FIRST_COLUMNS if name in known]
    return first + sorted(known.difference(first))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _safe(value)
    return _CELL_WRITER.encode(value)


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
