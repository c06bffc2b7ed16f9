"""The tenant's log over HTTP: checkpoint, tiles and entries as C2SP tlog-tiles lays them out."""

from __future__ import annotations

from collections.abc import Sequence

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from apps.common.errors import Invalid, NotFound
from apps.ledger import proofs
from apps.ledger.anchoring import reading
from apps.ledger.api.answers import ALWAYS_ASK, BYTES, NEVER_CHANGES, TEXT, LogView, answer
from apps.ledger.models import Checkpoint, Event, Leaf
from apps.ledger.tiles import WIDTH, parse_path

LONGEST_ENTRY = 0xFFFF  # what the two bytes of length before an entry can say
NOTE = {(200, "text/plain"): OpenApiTypes.STR}
TILE = {(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)}


def newest() -> Checkpoint:
    """The newest signed state of the tenant's log, or `NotFound`."""
    found = proofs.latest_checkpoint()
    if found is None:
        raise NotFound("No event of this tenant has been signed yet.")
    return found


class LogCheckpoint(LogView):
    """The newest signed state of the tenant's log (C2SP tlog-checkpoint)."""

    @extend_schema(operation_id="ledger_log_checkpoint", responses=NOTE)
    def get(self, request: Request) -> HttpResponseBase:
        return answer(request, newest().note.encode(), TEXT, caching=ALWAYS_ASK)


class GlobalCheckpoint(LogView):
    """The newest signed state of the log of logs, with witnesses' cosignatures."""

    @extend_schema(operation_id="ledger_log_checkpoint_global", responses=NOTE)
    def get(self, request: Request) -> HttpResponseBase:
        root = reading.latest_root()
        if root is None:
            raise NotFound("The log of logs has no entries yet.")
        return answer(request, reading.cosigned(root).encode(), TEXT, caching=ALWAYS_ASK)


class LogTile(LogView):
    """A tile of hashes (`0/x001/234`, partial `0/x001/234.p/17`), or the entries under one
    (`entries/x001/234`), each with two bytes of length before it. An entry above 65,535 bytes is
    given by its RFC 6962 leaf hash, 32 bytes; its body is with the event."""

    @extend_schema(
        operation_id="ledger_log_tile",
        parameters=[OpenApiParameter("tile", str, OpenApiParameter.PATH)],
        responses=TILE,
    )
    def get(self, request: Request, tile: str) -> HttpResponseBase:
        try:
            level, index, width = parse_path(f"tile/{tile}")
        except ValueError:
            raise Invalid(
                "Write a tile as C2SP does: level or `entries`, then the index in groups of three"
                " digits, all but the last with an x, as in 0/x001/234 or 0/000.p/17.",
                field="tile",
            ) from None
        body = _entries(index, width) if level is None else _tile(level, index, width)
        return answer(request, body, BYTES, caching=NEVER_CHANGES)


def _tile(level: int, index: int, width: int) -> bytes:
    size = newest().size
    _require_there(size >> (8 * level), index, width)
    try:
        return b"".join(proofs.hash_reader(size).tile(level, index)[:width])
    except ValueError as gone:
        raise NotFound("The hashes of this tile are no longer kept.") from gone


def _require_there(hashes: int, index: int, width: int) -> None:
    if index * WIDTH + width > hashes:
        raise NotFound("The signed log does not reach as far as this tile.")


def _entries(index: int, width: int) -> bytes:
    _require_there(newest().size, index, width)
    start = index * WIDTH
    rows = Leaf.objects.filter(seq__gte=start, seq__lt=start + width).order_by("seq")
    ids = list(rows.values_list("event_id", "leaf"))
    found = dict(Event.objects.filter(id__in=[each for each, _ in ids]).values_list("id", "body"))
    if len(ids) != width or len(found) != width:
        raise NotFound("Entries under this tile were pruned; proofs over them still hold.")
    return bundle([(bytes(found[event_id]), bytes(leaf)) for event_id, leaf in ids])


def bundle(entries: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Entries by body and leaf hash, with two bytes of length before each."""
    parts = [body if len(body) <= LONGEST_ENTRY else leaf for body, leaf in entries]
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)
