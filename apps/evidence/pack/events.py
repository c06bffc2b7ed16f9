"""The two forms of the event list: JSON lines that keep every byte, and a spreadsheet copy.

One line of ``events.jsonl`` is ``{"body":BODY,"leaf":"HEX"}`` where BODY is the ledger's raw
canonical JSON, byte for byte, and HEX is SHA-256(0x00 || BODY). A reader may cut the body out of
the line by position and needs no JSON parser to hash it. The JSON lines are the authority.
"""

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
    """Return both lists for raw canonical bodies; refuse a body that is not canonical JSON.

    The spreadsheet is written along, under the names of the first event. The ledger's events have
    one set of names; where a later one brings another, the spreadsheet is written anew at the end.
    """
    lines, leaves = io.BytesIO(), list[bytes]()
    names: set[str] = set()
    sheet: _Sheet | None = None
    for number, body in enumerate(bodies, 1):
        event, written = _read_body(number, body)
        leaf = leaf_hash(body)
        leaves.append(leaf)
        lines.write(_line(body, leaf))
        names.update(event)
        sheet = sheet or _Sheet(names)
        sheet.add(event, written, leaf.hex())
    jsonl = lines.getvalue()
    complete = sheet is not None and sheet.columns == _columns(names)
    table = sheet.data() if sheet and complete else write_csv(jsonl, names)
    return EventLists(jsonl=jsonl, csv=table, count=len(leaves), root=root_of(leaves))


def write_lines(bodies: Iterable[bytes]) -> bytes:
    """Return the JSON lines alone, unchecked: for keeping them until the pack is drawn."""
    return b"".join(_line(body, leaf_hash(body)) for body in bodies)


def _line(body: bytes, leaf: bytes) -> bytes:
    return _HEAD + body + _MIDDLE + leaf.hex().encode() + _TAIL + b"\n"


def _read_body(number: int, body: bytes) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        return canonical.load_written(body)
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
    """Return the spreadsheet copy of checked JSON lines; ``names`` are all top-level keys."""
    sheet = _Sheet(names)
    for line in iterate_lines(jsonl):
        body, leaf = split_line(line)
        sheet.add(json.loads(body), {}, leaf.decode("ascii"))
    return sheet.data()


class _Sheet:
    """The spreadsheet copy under way, formula starts disarmed."""

    def __init__(self, names: Iterable[str]) -> None:
        self.columns = _columns(names)
        self._count = 0
        self._out = io.BytesIO()
        # The byte order mark makes spreadsheet programs read the file as UTF-8.
        self._out.write(b"\xef\xbb\xbf")
        self._row(["line", *map(_safe, self.columns), "leaf"])

    def add(self, event: dict[str, Any], written: dict[str, str], leaf: str) -> None:
        """Add the row of one event; a name without a column is left out.

        ``written`` is the JSON of those members of which it is known.
        """
        self._count += 1
        cells = [_cell(event.get(name), written.get(name)) for name in self.columns]
        self._row([str(self._count), *cells, leaf])

    def data(self) -> bytes:
        """Return the file."""
        return self._out.getvalue()

    def _row(self, cells: list[str]) -> None:
        """RFC 4180 with every cell quoted, in less than half of the csv module's time."""
        quoted = '","'.join([cell.replace('"', '""') for cell in cells])
        self._out.write(f'"{quoted}"\r\n'.encode())


def _columns(names: Iterable[str]) -> list[str]:
    known = set(names)
    first = [name for name in _FIRST_COLUMNS if name in known]
    return first + sorted(known.difference(first))


def _cell(value: Any, written: str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _safe(value)
    return written or _CELL_WRITER.encode(value)


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
