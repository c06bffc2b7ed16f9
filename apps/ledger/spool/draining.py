"""Taking in what was spooled, once the ledger can be written again.

Each step can be repeated, so a crash anywhere loses and doubles nothing: files are closed before
they are read, events are recorded by their own ids, the file's end is recorded under an id made
from the spool's, and only a file whose events all have a place in the signed log is removed.
"""

import base64
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, transaction

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import services
from apps.ledger.durable import flush_directory
from apps.ledger.errors import Clash
from apps.ledger.models import Event, Leaf, Receipt
from apps.ledger.ranges import ranges_of
from apps.ledger.spool import journal, place
from apps.ledger.spool.judging import Judged, judge
from apps.ledger.spool.lines import Fault
from apps.ledger.spool.trial import why_unwritable

AT_ONCE = 200  # events a transaction


@dataclass(frozen=True, slots=True)
class Drained:
    """What one pass did: events recorded now, files removed, files that wait, faults told."""

    recorded: int = 0
    removed: int = 0
    waiting: int = 0
    faults: int = 0

    def __add__(self, other: "Drained") -> "Drained":
        return Drained(
            self.recorded + other.recorded,
            self.removed + other.removed,
            self.waiting + other.waiting,
            self.faults + other.faults,
        )


def drain_host() -> Drained:
    """Take in this host's spools of every tenant. Call it with no scope open."""
    done = Drained()
    for tenant_id in place.tenants_here():
        done += drain(tenant_id=tenant_id)
    return done


def drain(*, tenant_id: UUID) -> Drained:
    """Take in one tenant's spools; does nothing while its ledger cannot be written.

    Raises `CannotSpool` when this host's spool is not private or is being changed.
    """
    files = place.files_of(tenant_id)
    begun = journal.entries(tenant_id)
    if not files and not begun:
        return Drained()
    if not _is_writable(tenant_id):
        return Drained(waiting=len(files))
    with place.locked("drain"):
        with place.locked():
            closed = [_close(path) for path in place.files_of(tenant_id)]
        done = Drained()
        for path in closed:
            done += _drain_file(tenant_id, path)
        return done + Drained(faults=_settle_journal(tenant_id))


def _is_writable(tenant_id: UUID) -> bool:
    try:
        with scoped(tenant_id=tenant_id):
            return not why_unwritable()
    except DatabaseError:
        return False


def _close(path: Path) -> Path:
    """From now on its process writes another one. The caller holds the lock."""
    if path.suffix == place.CLOSED:
        return path
    closed = path.replace(path.with_suffix(place.CLOSED))
    flush_directory(closed.parent)
    return closed


def _drain_file(tenant_id: UUID, path: Path) -> Drained:
    data = path.read_bytes()
    with scoped(tenant_id=tenant_id):
        judged = judge(path, data)
    recorded, clashes = _record_lines(tenant_id, judged)
    faults = (*judged.faults, *clashes)
    with scoped(tenant_id=tenant_id):
        now = database_now()
        _tell_faults(path, judged, faults, now=now)
        if not _are_placed(judged, clashes):
            return Drained(recorded=recorded, waiting=1, faults=len(faults))
    try:
        with scoped(tenant_id=tenant_id):
            _tell_drained(path, judged, faults, data, now=now)
    except Clash:  # its end is recorded, and it was changed since: it is kept, as found now
        faults = (*faults, Fault(0, "changed_after_its_end"))
        with scoped(tenant_id=tenant_id):
            _tell_faults(path, judged, faults[-1:], now=now)
    _put_away(path, is_whole=not faults)
    return Drained(recorded=recorded, removed=1, faults=len(faults))


def _record_lines(tenant_id: UUID, judged: Judged) -> tuple[int, tuple[Fault, ...]]:
    recorded, clashes = 0, []
    ids = judged.event_ids()
    for start in range(0, len(judged.lines), AT_ONCE):
        with scoped(tenant_id=tenant_id):
            known = _bodies(ids[start : start + AT_ONCE])
            for line in judged.lines[start : start + AT_ONCE]:
                if line.body in known:  # by an earlier pass
                    continue
                try:
                    with transaction.atomic():
                        recorded += services.take_spooled(line.body)
                except Clash:
                    clashes.append(Fault(line.number, "another_act"))
    return recorded, tuple(clashes)


def _bodies(event_ids: list[UUID]) -> set[bytes]:
    bodies = Event.objects.filter(id__in=event_ids).values_list("body", flat=True)
    return set(map(bytes, bodies))


def _are_placed(judged: Judged, clashes: Iterable[Fault]) -> bool:
    """Whether the sequencer has given every event its place."""
    clashing = {fault.number for fault in clashes}
    pairs = zip(judged.lines, judged.event_ids(), strict=True)
    ids = {event_id for line, event_id in pairs if line.number not in clashing}
    return Leaf.objects.filter(event_id__in=ids).count() == len(ids)


def _tell_faults(path: Path, judged: Judged, faults: Iterable[Fault], *, now: datetime) -> None:
    host = judged.header.host if judged.header else "a host"
    spool = judged.header.spool if judged.header else spool_named(path)
    for fault in faults:
        tell_gap(spool, host, fault, now=now)


def tell_gap(spool: UUID, host: str, fault: Fault, *, now: datetime) -> None:
    """Raise the ledger's alarm once for a number of a spool."""
    services.note(
        action="ledger.source.gap",
        target_type="source",
        target_id=str(spool),
        at=now,
        data={"source": f"spool of {host}", "number": fault.number, "reason": fault.reason},
        event_id=uuid.uuid5(spool, f"{fault.reason} {fault.number}"),
    )


def _tell_drained(
    path: Path, judged: Judged, faults: tuple[Fault, ...], data: bytes, *, now: datetime
) -> None:
    """What proves, from the ledger alone, which host's key signed these events (`lines.py`)."""
    header, last = judged.header, judged.lines[-1] if judged.lines else None
    spool = header.spool if header else spool_named(path)
    services.note(
        action=journal.DRAINED,
        target_type="spool",
        target_id=str(spool),
        at=now,
        data={
            "host": header.host if header else "",
            "key": header.key if header else "",
            "opened_at": header.at if header else "",
            "why": judged.why,
            "events": len(judged.lines),
            "last": last.number if last else 0,
            "head": last.chained().hex() if last else "",
            "signature": base64.b64encode(last.signature).decode() if last else "",
            "torn_bytes": judged.torn,
            "faults": len(faults),
            "sha256": hashlib.sha256(data).hexdigest(),
        },
        event_id=uuid.uuid5(spool_named(path), "drained"),
    )
    if last is not None and header and not Receipt.objects.filter(source_id=spool).exists():
        Receipt.objects.create(
            source_id=spool,
            name=f"spool of {header.host}"[:40],
            acknowledged=ranges_of(line.number for line in judged.lines),
            ends=True,
        )


def _put_away(path: Path, *, is_whole: bool) -> None:
    """Remove the file, or keep one with faults for whoever looks into it."""
    if is_whole:
        path.unlink()
    else:
        kept = path.parent / place.KEPT
        kept.mkdir(mode=0o700, exist_ok=True)
        path.replace(kept / path.name)
        flush_directory(kept)
    flush_directory(path.parent)


def spool_named(path: Path) -> UUID:
    """The spool that a file's name tells; one made from the name when it is none of ours."""
    try:
        return UUID(path.stem)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_OID, path.name)


def _settle_journal(tenant_id: UUID) -> int:
    """Miss the spools that were begun, never drained, and are gone; forget those that are settled.

    Returns how many are missed.
    """
    with place.locked():  # nobody is between a file and its line
        gone = journal.without_file(tenant_id)
    missed = 0
    with scoped(tenant_id=tenant_id):
        for entry in gone:
            if not journal.is_drained(entry.header.spool):
                missed += 1
                fault = Fault(1, "vanished")
                tell_gap(entry.header.spool, entry.header.host, fault, now=database_now())
    journal.forget(tenant_id, gone)
    return missed
