"""The spool's directory: private to the console's account, locked while it changes, bounded."""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from apps.ledger.durable import flush_directory
from apps.ledger.errors import NotRecorded

OPEN, CLOSED = ".spool", ".closed"
KEPT = "kept"  # files in which something was wrong, for whoever looks into it
SHUT = "shut"  # while this file is there, nothing is spooled on this host
LOCK_SECONDS = 5.0


class CannotSpool(NotRecorded):
    """The event could not be kept here either, so the act stays refused."""


def root() -> Path:
    """The directory. Raises `CannotSpool` when the settings name none or it is not private."""
    if not settings.LEDGER_SPOOL:
        raise CannotSpool("Neither the ledger nor a spool can be written, so nothing was done.")
    path = Path(settings.LEDGER_SPOOL)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as failure:
        raise _unusable() from failure
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) & 0o077 == 0
    if not private or found.st_uid != os.geteuid():
        raise _unusable()
    return path


def is_there() -> bool:
    """Whether this host has a spool directory at all; nothing is made by asking."""
    return bool(settings.LEDGER_SPOOL) and Path(settings.LEDGER_SPOOL).is_dir()


@contextmanager
def locked(name: str = "lock") -> Iterator[Path]:
    """Be the only process of this host that changes the spool (or, as `drain`, that drains it).

    Raises `CannotSpool` when another one does not let go.
    """
    path = root()
    try:
        handle = os.open(path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failure:
        raise _unusable() from failure
    try:
        _wait(handle)
        yield path
    finally:
        os.close(handle)


def room_of(tenant_id: UUID) -> Path:
    """Where one tenant's spools lie; made when it is missing."""
    room = root() / str(tenant_id)
    if not room.is_dir():
        room.mkdir(mode=0o700)
        flush_directory(room.parent)
    return room


def tenants_here() -> list[UUID]:
    """Tenants that have a room here."""
    if not is_there():
        return []
    rooms = (each.name for each in Path(settings.LEDGER_SPOOL).iterdir() if each.is_dir())
    return sorted(UUID(name) for name in rooms if _is_id(name))


def files_of(tenant_id: UUID) -> list[Path]:
    """One tenant's spools that still have to be drained, the closed ones first."""
    if not is_there():
        return []
    room = Path(settings.LEDGER_SPOOL) / str(tenant_id)
    return [*sorted(room.glob(f"*{CLOSED}")), *sorted(room.glob(f"*{OPEN}"))]


def require_space(path: Path, size: int, *, tenant_id: UUID) -> None:
    """Raises `CannotSpool` when the spool is shut, or `size` bytes more would be too much.

    A tenant gets half of what the others leave of the bound, so that none can fill the spool of a
    host for all.
    """
    if (path / SHUT).exists():
        raise CannotSpool("The spool of this host was shut by its operator; nothing was done.")
    own = _size(path / str(tenant_id))
    left = settings.LEDGER_SPOOL_MAX_BYTES - (_size(path) - own)
    if own + size > left // 2:
        raise CannotSpool("The spool of this host is full, so nothing was done.")


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


def _wait(handle: int) -> None:
    give_up_at = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                raise _unusable() from None
            time.sleep(0.01)
        else:
            return


def _unusable() -> CannotSpool:
    return CannotSpool(
        "Neither the ledger nor the spool of this host can be written, so nothing was done."
    )


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
