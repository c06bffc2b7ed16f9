"""CSV as the Bulk API writes and reads it."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.schema.fields import Field, SObject
from apps.sandbox.wire import Answer

DELIMITERS = {
    "COMMA": ",",
    "TAB": "\t",
    "SEMICOLON": ";",
    "PIPE": "|",
    "CARET": "^",
    "BACKQUOTE": "`",
}
ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
NULL = "#N/A"


def read_rows(text: str, *, delimiter: str) -> list[dict[str, str]]:
    """The rows by their header. Raises ApiError for text that is no table."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ApiError(400, "INVALIDBATCH", f"Unable to parse CSV: {error}") from error
    if not rows:
        return []
    header, *body = rows
    if any(len(row) != len(header) for row in body):
        message = "The number of fields in a row does not match the number in the header"
        raise ApiError(400, "INVALIDBATCH", message)
    return [dict(zip(header, row, strict=True)) for row in body if row]


def write_rows(
    header: Sequence[str], rows: Iterable[Sequence[Any]], *, delimiter: str = ",", ending: str
) -> str:
    """A table with every cell quoted, as the platform does."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def values_of(sobject: SObject, row: dict[str, str]) -> dict[str, Any]:
    """The row with cells as values of their fields; an empty cell leaves a field as it is."""
    return {
        name: _value(sobject.field(name), cell) for name, cell in row.items() if cell not in {""}
    }


def _value(field: Field | None, cell: str) -> Any:
    if cell == NULL:
        return None
    if field is not None and field.type == "boolean" and cell.lower() in {"true", "false"}:
        return cell.lower() == "true"
    if field is not None and field.type == "int" and cell.lstrip("-").isdigit():
        return int(cell)
    return cell


def cell_of(value: Any) -> str:
    """A value as a cell: nothing for null, small letters for truth."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def csv_answer(text: str, **headers: str) -> Answer:
    """A table as an answer."""
    return Answer(body=text, content_type="text/csv;charset=UTF-8", headers=headers)
