"""Taking away what a search found, as a table or as lines of JSON. The proofs stay behind: those
are in an event's page and in an export of the whole log."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from apps.common.actors import Actor
from apps.common.errors import Invalid
from apps.ledger import registry, selectors, services
from apps.ledger.models import Event
from apps.ledger.names import names_of
from apps.ledger.search import Search

MOST_ROWS = 10_000
FORMS = {"csv": "Table (CSV)", "jsonl": "Lines of JSON"}
COLUMNS = (
    "position",
    "at",
    "action",
    "words",
    "actor",
    "name",
    "target_type",
    "target_id",
    "request_id",
    "id",
    "leaf",
)
# OWASP "CSV Injection": these open a formula; the wide forms are read as their plain twins.
FORMULA_STARTS = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")
BYTE_ORDER_MARK = "\ufeff"  # makes spreadsheet programs read the file as UTF-8


@dataclass(frozen=True, slots=True)
class ListFile:
    """The bytes of a list, what to call the file, and its media type."""

    content: bytes
    name: str
    kind: str


def find_list(search: Search, *, form: str, now: datetime) -> list[Event]:
    """The events that a search finds, newest first.

    Raises `Invalid` for a form that is none of `FORMS`, and when more than `MOST_ROWS` or no
    events match.
    """
    if form not in FORMS:
        raise Invalid(f"Choose one of: {', '.join(FORMS)}.", field="form")
    rows = list(search.events(now=now)[: MOST_ROWS + 1])
    if len(rows) > MOST_ROWS:
        raise Invalid(
            f"More than {MOST_ROWS:,} events match. Narrow the search, or export the whole ledger."
        )
    if not rows:
        raise Invalid("No events match. Widen the search.")
    return rows


@transaction.atomic
def export_list(
    rows: list[Event], *, actor: Actor, search: Search, form: str, now: datetime
) -> ListFile:
    """What `find_list` found, as a file, and the record that somebody took it.

    The record has the filters' names only: their values may be a person's.
    """
    positions = selectors.positions_of(rows)
    written = {"csv": _csv, "jsonl": _jsonl}[form](rows, positions)
    services.record(
        actor=actor,
        action="ledger.list.exported",
        target=rows[0],
        at=now,
        data={
            "form": form,
            "rows": len(rows),
            "filters": sorted(search.chosen()),
            "sha256": sha256(written).hexdigest(),
        },
    )
    kind = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}[form]
    return ListFile(written, f"ledger-{now:%Y-%m-%d-%H%M%S}.{form}", kind)


def _csv(rows: list[Event], positions: Mapping[UUID, int]) -> bytes:
    names, out = names_of(row.actor for row in rows), io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (
            positions.get(row.pk, ""),
            row.at.isoformat(),
            row.action,
            registry.words_for(row.action),
            row.actor,
            names[row.actor],
            row.target_type,
            row.target_id,
            row.request_id or "",
            row.pk,
            bytes(row.leaf).hex(),
        )
        writer.writerow([_safe(str(cell)) for cell in cells])
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def _safe(text: str) -> str:
    """Disarm a formula with a leading apostrophe, also behind white space."""
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(FORMULA_STARTS) else text


def _jsonl(rows: list[Event], positions: Mapping[UUID, int]) -> bytes:
    """`body` is the event's canonical text, byte for byte, whose RFC 6962 hash is `leaf`."""
    lines = (
        {
            "position": positions.get(row.pk),
            "id": str(row.pk),
            "leaf": bytes(row.leaf).hex(),
            "body": bytes(row.body).decode(),
        }
        for row in rows
    )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
