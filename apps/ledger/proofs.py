"""How far an event's proof has come, and the proofs themselves, for the open tenant."""

from __future__ import annotations

import base64
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.common.errors import NotFound
from apps.ledger.merkle import inclusion_path
from apps.ledger.models import Anchor, Checkpoint, Event, Leaf, RootLeaf, Tile
from apps.ledger.tiles import TileHashes

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class ProofState:
    """Recorded, sequenced, signed, anchored: the moment or the thing that shows each."""

    recorded_at: datetime
    seq: int | None
    signed: Checkpoint | None
    anchored: Anchor | None


def proof_state(event: Event) -> ProofState:
    """How far the event's proof has come."""
    seq = position_of(event.pk)
    if seq is None:
        return ProofState(event.recorded_at, None, None, None)
    return ProofState(event.recorded_at, seq, checkpoint_beyond(seq), anchor_beyond(seq))


def position_of(event_id: UUID) -> int | None:
    """The event's position in the tenant's log, once it has one."""
    return Leaf.objects.filter(event_id=event_id).values_list("seq", flat=True).first()


def latest_checkpoint() -> Checkpoint | None:
    """The newest signed state of the tenant's log; nothing before its first event was signed."""
    return Checkpoint.objects.order_by("-size").first()


def checkpoint_beyond(seq: int) -> Checkpoint | None:
    """The first signed state that includes the position."""
    return Checkpoint.objects.filter(size__gt=seq).order_by("size").first()


def anchor_beyond(seq: int) -> Anchor | None:
    """The first anchor outside that includes the position."""
    leaf = RootLeaf.objects.filter(size__gt=seq).order_by("size").first()
    if leaf is None:
        return None
    return Anchor.objects.filter(size__gt=leaf.idx).order_by("size", "at").first()


def hash_reader(size: int) -> TileHashes:
    """Read the tree of that many events, from full tiles and from leaves where none is full."""
    return TileHashes(size=size, read_tile=_tile, read_leaves=read_leaves, read_roots=_roots)


def inclusion_of(event: Event, checkpoint: Checkpoint) -> str:
    """A C2SP tlog-proof that the event is in the signed tree (https://c2sp.org/tlog-proof).

    Raises `NotFound` when it has no position there yet.
    """
    seq = position_of(event.pk)
    if seq is None or seq >= checkpoint.size:
        raise NotFound("This event has no position under that checkpoint yet.")
    return inclusion_at(seq, checkpoint)


def inclusion_at(seq: int, checkpoint: Checkpoint) -> str:
    """The same for a position below the checkpoint's size."""
    path = inclusion_path(hash_reader(checkpoint.size), seq, checkpoint.size)
    return tlog_proof(seq, path, checkpoint.note)


def tlog_proof(index: int, path: Sequence[bytes], note: str) -> str:
    """A proof as C2SP writes it: the index, the path, and the signed checkpoint."""
    lines = [PROOF_HEADER, f"index {index}", *(base64.b64encode(each).decode() for each in path)]
    return "\n".join(lines) + f"\n\n{note}"


def wait_for(event_ids: Collection[UUID], seconds: float) -> bool:
    """Wait until every one of these committed events is under a signed checkpoint.

    Not in a transaction that has a snapshot of its own; `seconds` bounds the waiting.
    """
    deadline = time.monotonic() + seconds
    wanted = set(event_ids)
    while not _are_signed(wanted):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def _are_signed(wanted: set[UUID]) -> bool:
    """A position and its checkpoint are committed together."""
    return Leaf.objects.filter(event_id__in=wanted).count() == len(wanted)


def read_leaves(start: int, end: int) -> list[bytes]:
    """Leaf hashes of these positions, in order."""
    rows = Leaf.objects.filter(seq__gte=start, seq__lt=end).order_by("seq")
    return [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]


def _tile(level: int, index: int) -> bytes | None:
    found = Tile.objects.filter(level=level, idx=index).values_list("data", flat=True).first()
    return None if found is None else bytes(found)


def _roots(level: int, start: int, end: int) -> Sequence[bytes]:
    rows = Tile.objects.filter(level=level, idx__gte=start, idx__lt=end).order_by("idx")
    return [bytes(root) for root in rows.values_list("root", flat=True)]
