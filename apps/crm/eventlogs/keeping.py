"""Keeping one file: its sealed content, its rows, and what it takes the place of."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from django.db import models, transaction

from apps.crm.broker import BROKER
from apps.crm.eventlogs.listing import Listed
from apps.crm.eventlogs.packed import Packed, lines_of
from apps.crm.eventlogs.parsing import Event, Tally, events_of
from apps.crm.models import Connection, LogFile, LogPiece, LogRow
from apps.ledger import services as ledger

BATCH = 2000


@transaction.atomic
def keep_file(*, connection: Connection, listed: Listed, packed: Packed, now: datetime) -> LogFile:
    """Store a file that was downloaded, with its rows, and record its hash.

    Of files about the same time the one delivered last counts, and a day's before its hours'
    (the day has the events that came late). The others stay, with their hashes, but not their rows.
    """
    file: LogFile = LogFile.objects.create(
        connection=connection,
        org_file_id=listed.org_file_id,
        org_created_at=listed.created_at,
        event_type=listed.event_type,
        hourly=listed.hourly,
        starts_at=listed.starts_at,
        ends_at=listed.ends_at,
        sequence=listed.sequence,
        sha256=packed.sha256,
        size_bytes=packed.size_bytes,
        row_count=0,
        taken_at=now,
    )
    for number, piece in enumerate(packed.pieces()):
        LogPiece.objects.create(file=file, number=number, content=piece)
    tally = Tally()
    replaced = _supersede_older(file, now=now)
    counts = file.superseded_at is None
    hours: Counter[str] = Counter()
    for batch in _batches(events_of(lines_of(packed.pieces()), tally)):
        hours.update(map(hour_of, batch))
        if counts:
            LogRow.objects.bulk_create([_row(file, event) for event in batch])
    file.row_count, file.unreadable_count = tally.read, tally.unreadable
    file.hour_counts = hours
    file.save(update_fields=["row_count", "unreadable_count", "hour_counts"])
    _record(file, replaced, now)
    return file


def hour_of(event: Event) -> str:
    """The hour of UTC in which an event was, as a file's counts name it."""
    return f"{event.at.astimezone(UTC):%Y-%m-%dT%H}"


def _supersede_older(file: LogFile, *, now: datetime) -> list[LogFile]:
    """Mark what this file replaces, or this file itself when a better one is there."""
    others = LogFile.objects.filter(
        connection=file.connection, event_type=file.event_type, superseded_at__isnull=True
    ).exclude(pk=file.pk)
    same = others.filter(starts_at=file.starts_at, hourly=file.hourly)
    better = same.filter(org_created_at__gt=file.org_created_at)
    if file.hourly:
        better = better | others.filter(
            hourly=False, starts_at__lte=file.starts_at, ends_at__gte=file.ends_at
        )
    if better.exists():
        file.superseded_at = now
        file.save(update_fields=["superseded_at"])
        return []
    worse = same
    if not file.hourly:
        worse = worse | others.filter(
            hourly=True, starts_at__gte=file.starts_at, ends_at__lte=file.ends_at
        )
    replaced = list(worse)
    LogRow.objects.filter(file__in=replaced).delete()
    _mark(replaced, now)
    return replaced


def _mark(replaced: list[LogFile], now: datetime) -> None:
    LogFile.objects.filter(pk__in=[each.pk for each in replaced]).update(superseded_at=now)


def _batches(events: Iterator[Event]) -> Iterator[list[Event]]:
    while batch := list(islice(events, BATCH)):
        yield batch


def _row(file: LogFile, event: Event) -> LogRow:
    values = {name: getattr(event, name) for name in Event.__slots__}
    return LogRow(file=file, connection_id=file.connection_id, event_type=file.event_type, **values)


def _record(file: LogFile, replaced: list[LogFile], now: datetime) -> None:
    ledger.record(
        actor=BROKER,
        action="crm.event_log.taken",
        target=file,
        at=now,
        data={
            "connection": str(file.connection_id),
            "file": file.org_file_id,
            "event_type": file.event_type,
            "from": file.starts_at.isoformat(),
            "until": file.ends_at.isoformat(),
            "sha256": file.sha256,
            "bytes": file.size_bytes,
            "rows": file.row_count,
            "unreadable": file.unreadable_count,
            "counts": file.superseded_at is None,
            "replaces": [str(each.pk) for each in replaced],
        },
    )


def current_files(connection: Connection) -> models.QuerySet[LogFile]:
    """Files of an org that count, with their rows still there."""
    return LogFile.objects.filter(
        connection=connection, superseded_at__isnull=True, dropped_at__isnull=True
    )
