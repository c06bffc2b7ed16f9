"""The open tenant's log as the content of an export."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import connection

from apps.common.errors import Conflict
from apps.common.scope import current_tenant_id
from apps.ledger import coherence, merkle, note, rows
from apps.ledger.anchoring.export import anchor_files
from apps.ledger.export.content import Content, Finding, Older, moment
from apps.ledger.models import Checkpoint, Receipt
from apps.ledger.signing import Keys
from apps.ledger.verify import TREE

# Of each day the last checkpoint is enough: every later one proves all earlier ones.
DAILY = """
    SELECT DISTINCT ON (date_trunc('day', at)) size FROM ledger_checkpoint
    WHERE tenant_id = %s AND size < %s ORDER BY date_trunc('day', at), size DESC
"""
MOST_UNSIGNED = 50  # checkpoints at a key's end that it may have missed, clocks being what they are


def newest_checkpoint() -> Checkpoint:
    """The newest checkpoint of the open tenant. Raises `Conflict` when nothing was signed yet."""
    found = Checkpoint.objects.order_by("-size").first()
    if found is None:
        raise Conflict("Nothing of this ledger has been signed yet. Is the sequencer running?")
    return found


def content_of(checkpoint: Checkpoint, *, keys: Keys, first: int = 0) -> Content:
    """The log up to a checkpoint; bodies from position `first` on."""
    anchors, damage = _anchors(checkpoint.size)
    return Content(
        note=checkpoint.note,
        at=checkpoint.at,
        first=first,
        keys=keys.public_history(),
        bodies=lambda start, end: _bodies(start, end, first),
        tile=rows.tile,
        witnesses=[written.partition(" ")[2].strip() for written in settings.LEDGER_WITNESSES],
        older=_older(checkpoint, keys),
        anchors=anchors,
        receipts=_receipts(checkpoint),
        findings=chain(damage, _findings(checkpoint, keys, first)),
    )


def verifiers_of(checkpoint: Checkpoint, keys: Keys) -> list[note.Verifier]:
    """Who may have signed this log's checkpoints."""
    origin = checkpoint.note.split("\n", 1)[0]
    return [note.Verifier(origin, key.public) for key in keys.public_history()]


def _anchors(size: int) -> tuple[list[tuple[str, bytes]], list[Finding]]:
    try:
        return anchor_files(up_to=size), []
    except (LookupError, ValueError) as hole:
        return [], [Finding(TREE, f"the log of logs is damaged: {hole}")]


def _bodies(start: int, end: int, first: int) -> Iterator[bytes | None]:
    yield from (None for _ in range(start, min(first, end)))
    yield from rows.bodies(max(start, first), end)


def _receipts(checkpoint: Checkpoint) -> list[dict[str, Any]]:
    """Numbers that sources saw committed early enough to stand under the checkpoint."""
    found = Receipt.objects.filter(at__lt=checkpoint.at - coherence.MAY_WAIT)
    return [
        {
            "source": str(each.source_id),
            "name": each.name,
            "ranges": each.acknowledged,
            "at": moment(each.at),
        }
        for each in found.order_by("at").iterator()
        if each.acknowledged
    ]


def _older(newest: Checkpoint, keys: Keys) -> Iterator[Older]:
    with connection.cursor() as cursor:
        cursor.execute(DAILY, [current_tenant_id(), newest.size])
        sizes = {row[0] for row in cursor.fetchall()} | _last_of_each_key(newest, keys)
    for older in Checkpoint.objects.filter(size__in=sizes).order_by("size"):
        yield Older(older.note, older.at, _proof(older.size, newest.size))


def _last_of_each_key(newest: Checkpoint, keys: Keys) -> set[int]:
    """The last checkpoint that each retired key signed: it says which key came after."""
    origin, found = newest.note.split("\n", 1)[0], set[int]()
    for key in keys.public_history():
        mine = note.Verifier(origin, key.public).key_id
        before = Checkpoint.objects.filter(size__lt=newest.size, at__lt=key.until_at or newest.at)
        for one in before.order_by("-size")[:MOST_UNSIGNED] if key.until_at else ():
            if any(each.key_id == mine for each in note.parse(one.note).signatures):
                found.add(one.size)
                break
    return found


def _proof(old: int, new: int) -> list[bytes]:
    try:
        return merkle.consistency_path(rows.hashes(new), old, new)
    except ValueError:
        return []  # rows are missing; the verifier says which


def _findings(checkpoint: Checkpoint, keys: Keys, first: int) -> Iterator[Finding]:
    verifiers = verifiers_of(checkpoint, keys)
    for each in rows.checkpoints(0, checkpoint.size):
        yield from coherence.of_checkpoints(each, verifiers=verifiers)
    yield from coherence.of_positions(first, checkpoint.size)
    yield from coherence.of_tile_roots(first, checkpoint.size)
    yield from coherence.of_outsiders(checkpoint)
