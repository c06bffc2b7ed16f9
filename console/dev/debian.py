"""Debian packages without root: apt with a state of its own, dpkg only to unpack."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

STATUS = Path("/var/lib/dpkg/status")
NAME = re.compile(r"^Inst (\S+)", re.MULTILINE)


def can_fetch() -> bool:
    """Whether this is a Debian or Ubuntu machine with apt and dpkg."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg") and STATUS.exists())


def fetch(packages: Sequence[str], *, into: Path) -> None:
    """Unpack the packages, and what they need beyond the installed ones, below `into/root`.

    Raises CalledProcessError with apt's words when the packages cannot be had.
    """
    archives = into / "archives"
    for directory in (archives, into / "lists" / "partial", into / "cache/archives/partial"):
        directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(STATUS, into / "status")
    options = _options(into)
    _apt([*options, "update", "-qq"], archives)
    plan = _apt([*options, "install", "-s", "--no-install-recommends", *packages], archives)
    names = NAME.findall(plan)
    if names:
        _apt([*options, "download", "-qq", *names], archives)
    for archive in sorted(archives.glob("*.deb")):
        _run(["dpkg", "-x", str(archive), str(into / "root")], archives)
        archive.unlink()
    shutil.rmtree(into / "lists")
    shutil.rmtree(into / "cache")


def library_directories(root: Path) -> list[Path]:
    """Every directory below `root` that the loader must look into."""
    candidates = [root / "usr/lib", root / "lib"]
    for base in tuple(candidates):
        candidates += sorted(base.glob("*-linux-*"))
    return [path for path in candidates if any(path.glob("*.so*"))]


def _options(into: Path) -> list[str]:
    settings = {
        "Dir::State::lists": into / "lists",
        "Dir::Cache": into / "cache",
        "Dir::State::status": into / "status",
        "Debug::NoLocking": 1,
        "APT::Sandbox::User": "root",  # root would otherwise hand the download to user _apt
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _apt(arguments: Sequence[str], where: Path) -> str:
    return _run(["apt-get", *arguments], where)


def _run(command: Sequence[str], where: Path) -> str:
    return subprocess.run(
        command,
        cwd=where,
        check=True,
        env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ).stdout
