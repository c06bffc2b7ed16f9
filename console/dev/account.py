"""Who the servers run as: PostgreSQL refuses root, so root hands it to another account."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from console.dev.trouble import Trouble

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user and group id that a server process takes on."""

    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Make the account the owner of `path`; only root has another account to give to."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)


def server_account(existing: Path | None = None) -> Account:
    """The account for the servers: this user, or for root the owner of `existing` or `postgres`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if existing is not None and existing.exists() and existing.stat().st_uid != 0:
        return Account(existing.stat().st_uid, existing.stat().st_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise Trouble("PostgreSQL refuses to run as root and there is no user 'nobody': run as a user.")


def run(
    command: Sequence[object], account: Account, *, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a short command as the account and collect its words."""
    drop = os.geteuid() == 0
    return subprocess.run(
        [str(part) for part in command],
        check=check,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        user=account.uid if drop else None,
        group=account.gid if drop else None,
        extra_groups=[] if drop else None,
    )
