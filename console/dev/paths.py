"""Where things live: the project, its data directory, and the servers' directory."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SYSTEM_STATE = Path("/var/lib/bailiwick")


def data_directory(name: str = "") -> Path:
    """`var/` (or `var/<name>/`), absolute, created private to this user."""
    base = Path(os.environ.get("BAILIWICK_VAR") or PROJECT / "var").resolve()
    directory = base / name if name else base
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def server_directory(data: Path, *, system: Path = SYSTEM_STATE) -> Path:
    """Where the servers of `data` keep their files.

    Root's servers run as another user, who may not reach the project; their files stand under
    /var/lib. The number that ties both together lives in `data`: remove `data` and the next start
    begins with an empty database, never with rows whose keys are gone.
    """
    if os.geteuid() != 0:
        directory = data / "servers"
        directory.mkdir(mode=0o700, exist_ok=True)
        return directory
    number = data / "servers.id"
    if not number.exists():
        number.write_text(secrets.token_hex(6))
    directory = system / number.read_text().strip()
    directory.mkdir(parents=True, exist_ok=True)
    system.chmod(0o711)
    directory.chmod(0o711)
    return directory
