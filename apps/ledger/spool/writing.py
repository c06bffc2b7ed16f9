"""Appending to the spool: durable, chained and signed before anybody is let on.

Each process has a file of its own per tenant, with numbers from 1 and no gap. What could not be
written whole is taken back, and the act stays refused.
"""

import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from apps.common.clock import database_now
from apps.common.scope import current_tenant_id
from apps.ledger.body import canonical
from apps.ledger.durable import flush_directory
from apps.ledger.models import Event
from apps.ledger.spool import journal, key, place
from apps.ledger.spool.lines import Header, Line, chain
from apps.ledger.spool.switch import Spooling


@dataclass(slots=True)
class _Open:
    """A spool that this process writes."""

    path: Path
    header: Header
    inode: int
    head: bytes
    number: int = 0
    size: int = 0


@dataclass(slots=True)
class _Mine:
    """What this process wrote, per tenant: the open spool, and the last number of each."""

    spools: dict[UUID, _Open] = field(default_factory=dict)
    written: dict[UUID, list[_Open]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_mine: list[_Mine] = [_Mine()]


def append(event: Event, data: dict[str, object], *, to: Spooling) -> Event:
    """Keep the event here: when this returns, it is on the disk. Raises `CannotSpool`.

    Its source becomes the spool and its number the line's; `spooled` in its body tells when, why
    and by which key.
    """
    at = database_now().isoformat(timespec="microseconds")
    mark = {"at": at, "why": to.why, "key": to.key.name, "host": key.HOST}

    def written(spool: _Open, number: int) -> bytes:
        event.source_id, event.source_seq = spool.header.spool, number
        event.body = body = canonical(event, data, spooled=mark)
        return body

    mine = _mine[0]
    try:
        with mine.lock, place.locked() as root:
            spool = _usable(mine, to, root, at)
            _write_line(spool, to, root, written)
    except OSError as failure:
        mine.spools.pop(current_tenant_id(), None)
        raise place.CannotSpool(
            "The spool of this host could not be written, so nothing was done."
        ) from failure
    return event


def _usable(mine: _Mine, to: Spooling, root: Path, at: str) -> _Open:
    """The spool of this process and tenant, unless a drain has closed it: then a new one."""
    tenant_id = current_tenant_id()
    spool, room = mine.spools.get(tenant_id), place.room_of(tenant_id)
    if spool and spool.path.parent == room and spool.header.key == to.key.name and _is_same(spool):
        return spool
    header = Header(uuid.uuid4(), tenant_id, to.key.name, key.HOST, at)
    place.require_space(root, 2 * len(header.line()), tenant_id=tenant_id)
    spool = _begin(room, header)
    _append_durably(room / journal.FILE, journal.line_of(header, to.key.sign(header.start())))
    mine.spools[tenant_id] = spool
    mine.written.setdefault(tenant_id, []).append(spool)
    return spool


def _is_same(spool: _Open) -> bool:
    try:
        found = spool.path.stat()
    except OSError:
        return False
    return (found.st_ino, found.st_size) == (spool.inode, spool.size)


def _begin(room: Path, header: Header) -> _Open:
    path = room / f"{header.spool}{place.OPEN}"
    line = header.line() + b"\n"
    _append_durably(path, line)
    return _Open(path, header, path.stat().st_ino, header.start(), size=len(line))


def _write_line(
    spool: _Open, to: Spooling, root: Path, written: Callable[[_Open, int], bytes]
) -> None:
    number = spool.number + 1
    body = written(spool, number)
    head = chain(spool.head, number, body)
    line = Line(number, spool.head, body, to.key.sign(head)).raw() + b"\n"
    place.require_space(root, len(line), tenant_id=spool.header.tenant)
    _append_durably(spool.path, line, new=False)
    spool.number, spool.head, spool.size = number, head, spool.size + len(line)


def _append_durably(path: Path, line: bytes, *, new: bool = True) -> None:
    """Write all of it and flush it, or take back what was written. Raises `OSError`."""
    making = os.O_CREAT if new else 0
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | making, 0o600)
    try:
        before = os.fstat(handle).st_size
        try:
            if os.write(handle, line) != len(line):
                raise OSError("the disk took a part only")
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)
    if new:
        flush_directory(path.parent)


def take_vanished() -> list[tuple[UUID, UUID, int]]:
    """Tenant, spool and last number of what this process wrote and whose file is gone or shorter.

    Told once: what a drain recorded before it removed the file is found in the ledger, the rest is
    missed there by its number.
    """
    mine, gone = _mine[0], []
    with mine.lock:
        for tenant_id, spools in mine.written.items():
            for spool in [each for each in spools if _is_gone(each)]:
                spools.remove(spool)
                gone.append((tenant_id, spool.header.spool, spool.number))
    return gone


def _is_gone(spool: _Open) -> bool:
    for path in (spool.path, spool.path.with_suffix(place.CLOSED)):
        try:
            if path.stat().st_size >= spool.size:
                return False
        except OSError:
            continue
    return True


def _become_another() -> None:
    _mine[0] = _Mine()


os.register_at_fork(after_in_child=_become_another)
