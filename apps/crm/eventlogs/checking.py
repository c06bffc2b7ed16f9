"""Whether what is kept of a file is still what was taken, by the ledger's entry of the taking."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.common.actors import Actor
from apps.common.errors import Conflict, NotFound
from apps.common.keyring import CannotOpen
from apps.crm import policies
from apps.crm.broker import BROKER
from apps.crm.eventlogs.keeping import hour_of
from apps.crm.eventlogs.packed import bytes_of, lines_of
from apps.crm.eventlogs.parsing import Event, Tally, events_of
from apps.crm.models import Connection, LogFile, LogRow
from apps.ledger import selectors, services

TAKEN = "crm.event_log.taken"
AGAIN_AFTER = timedelta(days=30)
MOST_AT_ONCE = 200
_MODULUS = 1 << 256


@transaction.atomic
def check_file(*, actor: Actor, file_id: UUID, now: datetime) -> LogFile:
    """Compare a kept file's content and rows with the ledger, and record what came out.

    Raises `NotFound`, `Denied`, and `Conflict` when the file is no longer kept.
    """
    file: LogFile | None = (
        LogFile.objects.select_for_update(of=("self",))
        .select_related("connection")
        .filter(pk=file_id)
        .first()
    )
    if file is None:
        raise NotFound("There is no such log file here.")
    policies.may_operate(actor, file.connection).require()
    if file.dropped_at is not None:
        raise Conflict("This file was kept for long enough and removed. Its hash stays.")
    return _check(file, actor, now)


def check_due(*, now: datetime) -> int:
    """Check files of the open tenant that were not checked lately, some at a time; how many."""
    due = LogFile.objects.filter(dropped_at=None).exclude(checked_at__gt=now - AGAIN_AFTER)
    done = 0
    for file in due.select_for_update(of=("self",), skip_locked=True).order_by(
        "checked_at", "taken_at"
    )[:MOST_AT_ONCE]:
        _check(file, BROKER, now)
        done += 1
    return done


def what_differs(file: LogFile) -> str:
    """Which part of a kept file is not as it was taken: "", "entry", "content" or "rows"."""
    entries = selectors.list_events(action=TAKEN, target_id=str(file.pk))[:2]
    if len(entries) != 1:  # none, or one that somebody added afterwards
        return "entry"
    told = selectors.data_of(entries[0])
    digest = hashlib.sha256()
    try:
        for part in bytes_of(_pieces(file)):
            digest.update(part)
    except (zlib.error, CannotOpen):
        return "content"
    if not digest.hexdigest() == told["sha256"] == file.sha256:
        return "content"
    return "" if _rows_agree(file) else "rows"


def _check(file: LogFile, actor: Actor, now: datetime) -> LogFile:
    part = what_differs(file)
    file.checked_at = now
    file.altered_at = (file.altered_at or now) if part else None
    file.save(update_fields=["checked_at", "altered_at"])
    services.record(
        actor=actor,
        action="crm.event_log.altered" if part else "crm.event_log.checked",
        target=file,
        at=now,
        data={"connection": str(file.connection_id), "sha256": file.sha256, "differs": part},
    )
    return file


def _pieces(file: LogFile) -> Iterator[bytes]:
    for piece in file.pieces.order_by("number").iterator(chunk_size=8):
        yield piece.content


def _rows_agree(file: LogFile) -> bool:
    """Whether the searchable rows are those of the content, no more and no fewer, in any order,
    and the counts by hour too."""
    names = Event.__slots__
    kept = LogRow.objects.filter(file=file)
    hours: Counter[str] = Counter()

    def content() -> Iterator[tuple[object, ...]]:
        for event in events_of(lines_of(_pieces(file)), Tally()):
            hours[hour_of(event)] += 1
            yield tuple(getattr(event, name) for name in names)

    whole = _sum(content())
    if file.hour_counts is not None and file.hour_counts != hours:
        return False
    if file.superseded_at is not None:
        return not kept.exists()
    return _sum(kept.values_list(*names).iterator(chunk_size=2000)) == whole


def _sum(rows: Iterable[tuple[object, ...]]) -> tuple[int, int]:
    """How many rows, and the sum of their hashes: the same in whatever order they come."""
    count = total = 0
    for row in rows:
        count += 1
        total += int.from_bytes(hashlib.sha256(repr(_plain(row)).encode()).digest(), "big")
    return count, total % _MODULUS


def _plain(row: tuple[object, ...]) -> list[object]:
    return [each.timestamp() if isinstance(each, datetime) else each for each in row]


def list_altered(connection: Connection) -> list[LogFile]:
    """Files of an org whose last check found that they are not as they were taken."""
    return list(
        LogFile.objects.filter(
            connection=connection, altered_at__isnull=False, dropped_at=None
        ).order_by("starts_at", "id")
    )
