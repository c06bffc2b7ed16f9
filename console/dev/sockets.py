"""A directory for the servers' Unix sockets that nobody else can enter or have prepared."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from console.dev.account import Account
from console.dev.trouble import Trouble

LONGEST = 80  # bytes; a socket path may have 104 on macOS, and the file's name needs some
SHORT_PLACE = Path("/tmp")  # noqa: S108 - the directory made in it is verified before use


def socket_directory(state: Path, account: Account, *, short_place: Path = SHORT_PLACE) -> Path:
    """`state/run`, or a short directory elsewhere when that path is too long for a socket."""
    directory = state / "run"
    if len(os.fsencode(directory)) > LONGEST:
        label = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
        directory = short_place / f"bailiwick-{account.uid}-{label}"
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        account.give(directory)
    verify(directory, account)
    return directory


def verify(directory: Path, account: Account) -> None:
    """Refuse a directory that is a link, is owned by another user, or lets others in."""
    found = directory.lstat()
    private = stat.S_IMODE(found.st_mode) == stat.S_IRWXU
    if not (stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and private):
        raise Trouble(f"{directory} is not a private directory of this user: remove it, try again.")
