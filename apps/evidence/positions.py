"""The events of a pack with their places in the ledger, and the proof that they stand there."""

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from apps.evidence.anchored import anchor_annexes
from apps.evidence.pack.content import Annex, NotIncluded
from apps.evidence.pack.language import Language
from apps.evidence.pack.positions import CHECKPOINT_NAME, KEYS_NAME, PROOF_NAME, proof_bytes
from apps.ledger.cover import cover_of
from apps.ledger.models import Event, Leaf
from apps.ledger.note import Verifier
from apps.ledger.proofs import hash_reader, latest_checkpoint
from apps.ledger.selectors import positions_by_id
from apps.ledger.signing import NoKeys, checkpoint_keys

MOST_EVENTS = 1_000_000
CHUNK = 5000
POLL_S = 0.25
Late = tuple[datetime, UUID, bytes]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Placed:
    """Bodies in the order of their positions, those without one last; and what proves it."""

    bodies: tuple[bytes, ...]
    annexes: tuple[Annex, ...]
    not_included: tuple[NotIncluded, ...]


def wait_for_positions(
    events: QuerySet[Event], *, seconds: float, scope: Callable[[], AbstractContextManager[object]]
) -> bool:
    """Whether the ledger gives every event a position in that time; each look is its own scope."""
    until = time.monotonic() + seconds
    with scope():
        waiting = _without_position(events.order_by().values_list("id", flat=True))
    while waiting and time.monotonic() < until:
        time.sleep(POLL_S)
        with scope():
            waiting = _without_position(waiting)
    return not waiting


def place(events: QuerySet[Event], *, is_whole: bool, say: Language, waited_s: float) -> Placed:
    """Read events and proof in the open transaction. What cannot be proved is said, not skipped.

    With `is_whole` everything between the first and the last position is taken too: an event may
    have been recorded a moment after the last of the period and positioned before it.
    """
    total = events.count()
    rows, late = _read(events.order_by("at", "id")[:MOST_EVENTS])
    if is_whole:
        rows += _between(rows)
    rows.sort()
    loose = [body for _, _, body in sorted(late)]
    bodies = (*(body for _, body in rows), *loose)
    missing = _told(say, loose=len(loose), beyond=total - len(bodies), waited_s=waited_s)
    annexes, why = _prove([seq for seq, _ in rows], len(loose), say)
    return Placed(bodies, annexes, (*missing, *why))


def _without_position(ids: Iterable[UUID]) -> list[UUID]:
    """Piece by piece: a join would depend on statistics, which a ledger that grew a moment ago has
    not, and without them its time grows with the square of the events."""
    left: list[UUID] = []
    for some in _pieces(ids):
        placed = positions_by_id(some)
        left += [each for each in some if each not in placed]
    return left


def _read(events: QuerySet[Event]) -> tuple[list[tuple[int, bytes]], list[Late]]:
    """Positions with bodies, and the events that have no position."""
    placed: list[tuple[int, bytes]] = []
    late: list[Late] = []
    rows = events.values_list("id", "recorded_at", "body").iterator(chunk_size=CHUNK)
    for some in _pieces(rows):
        seqs = positions_by_id([pk for pk, _, _ in some])
        placed += [(seqs[pk], bytes(body)) for pk, _, body in some if pk in seqs]
        late += [(at, pk, bytes(body)) for pk, at, body in some if pk not in seqs]
    return placed, late


def _between(rows: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """What stands between the first and the last of these positions and is not among them."""
    have = {seq for seq, _ in rows}
    if not have or max(have) - min(have) >= MOST_EVENTS:
        return []
    found: list[tuple[int, bytes]] = []
    for some in _pieces(seq for seq in range(min(have), max(have)) if seq not in have):
        ids = Leaf.objects.filter(seq__in=some).values_list("event_id", flat=True)
        found += _read(Event.objects.filter(id__in=list(ids)))[0]
    return found


def _pieces(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while piece := list(islice(rest, CHUNK)):
        yield piece


def _told(say: Language, *, loose: int, beyond: int, waited_s: float) -> tuple[NotIncluded, ...]:
    told = []
    if loose:
        events = say.counted(loose, "event")
        told.append(
            NotIncluded(
                what=say("missing.unpositioned.what", events=events),
                why=say("missing.unpositioned.why", seconds=int(waited_s)),
            )
        )
    if beyond > 0:
        told.append(
            NotIncluded(
                what=say("missing.cut.what", events=say.counted(beyond, "event")),
                why=say("missing.cut.why", most=MOST_EVENTS),
            )
        )
    return tuple(told)


def _prove(
    positions: list[int], loose: int, say: Language
) -> tuple[tuple[Annex, ...], tuple[NotIncluded, ...]]:
    checkpoint = latest_checkpoint()
    if checkpoint is None or not positions or checkpoint.size <= positions[-1]:
        missing = NotIncluded(
            what=say("missing.no_checkpoint.what"), why=say("missing.no_checkpoint.why")
        )
        return (), ((missing,) if positions or not loose else ())
    ranges = stretches(positions)
    cover = cover_of(ranges, checkpoint.size, hash_reader(checkpoint.size))
    data = proof_bytes(ranges, checkpoint.size, cover, unpositioned=loose)
    files = (
        Annex(
            name=CHECKPOINT_NAME,
            mime="text/plain",
            data=checkpoint.note.encode(),
            description=say("annex.checkpoint"),
        ),
        Annex(name=PROOF_NAME, mime="application/json", data=data, description=say("annex.proof")),
        Annex(
            name=KEYS_NAME,
            mime="application/json",
            data=_keys(checkpoint.note.split("\n", 1)[0]),
            description=say("annex.ledger_keys"),
        ),
    )
    anchors = anchor_annexes(checkpoint.size, say)
    unanchored = NotIncluded(what=say("missing.no_anchor.what"), why=say("missing.no_anchor.why"))
    return (*files, *anchors), (() if anchors else (unanchored,))


def stretches(positions: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbouring positions as ranges (first, one past the last)."""
    found: list[tuple[int, int]] = []
    for seq in positions:
        if found and found[-1][1] == seq:
            found[-1] = (found[-1][0], seq + 1)
        else:
            found.append((seq, seq + 1))
    return found


def _keys(origin: str) -> bytes:
    """Every key that ever signed this log, as C2SP verifier keys."""
    try:
        history = checkpoint_keys().public_history()
    except NoKeys:
        history = ()
    keys = [
        {
            "vkey": str(Verifier(origin, key.public)),
            "from": key.from_at.isoformat(),
            "until": key.until_at.isoformat() if key.until_at else None,
        }
        for key in history
    ]
    return json.dumps({"origin": origin, "keys": keys}, sort_keys=True).encode()


def kept_bytes(placed: Placed) -> bytes:
    """Annexes and gaps as JSON, to be kept; the bodies are kept apart."""
    annexes = [{**asdict(each), "data": b64encode(each.data).decode()} for each in placed.annexes]
    gaps = [asdict(each) for each in placed.not_included]
    return json.dumps({"annexes": annexes, "not_included": gaps}).encode()


def read_kept(data: bytes, bodies: tuple[bytes, ...]) -> Placed:
    """What `kept_bytes` wrote, with its bodies."""
    told = json.loads(data)
    annexes = [
        replace(Annex(**{**each, "data": b""}), data=b64decode(each["data"]))
        for each in told["annexes"]
    ]
    gaps = [NotIncluded(**each) for each in told["not_included"]]
    return Placed(bodies, tuple(annexes), tuple(gaps))
