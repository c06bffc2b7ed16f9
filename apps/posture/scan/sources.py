"""The files of a folder or of a zip, without ever leaving it.

Limits keep a hostile archive from filling memory: a zip is never unpacked to disk, sizes are
counted while reading, and a file that is too large is reported instead of read.
"""

import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

LARGEST_FILE = 8 * 2**20
LARGEST_TOTAL = 2 * 2**30
MOST_FILES = 200_000
# What a damaged entry, and a damaged directory of a zip, make the standard library raise.
_BROKEN = (
    zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError,
    zlib.error, lzma.LZMAError, struct.error, OverflowError,
)  # fmt: skip
SKIPPED = frozenset({".git", "node_modules", ".sfdx", ".sf", "__MACOSX", ".hg", ".svn"})


class CannotRead(Exception):
    """The whole source cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file. `data` is None when it was too large or broken; `trouble` then says so."""

    path: str
    data: bytes | None
    trouble: str = ""


def read_source(path: Path) -> Iterator[SourceFile]:
    """Every file below a folder, or inside a zip, in the order of their names.

    Raises `CannotRead` when there is nothing to read, or too much.
    """
    if path.is_dir():
        return _from_folder(path)
    if not path.exists():
        raise CannotRead(f"There is no file or folder {path}.")
    if not zipfile.is_zipfile(path):
        raise CannotRead(f"{path.name} is neither a folder nor a zip file.")
    return read_zip(path)


def _from_folder(root: Path) -> Iterator[SourceFile]:
    count = 0
    closed: list[OSError] = []
    for folder, folders, names in os.walk(root, followlinks=False, onerror=closed.append):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_symlink() or not file.is_file():
                continue
            count += 1
            if count > MOST_FILES:
                raise CannotRead(f"There are more than {MOST_FILES:,} files.")
            yield _read(file, _told(file, root))
    for failure in closed:
        place = f"{_told(Path(failure.filename), root)}/*.cls"
        yield SourceFile(place, None, f"the folder cannot be opened: {failure.strerror}")


def _told(path: Path, root: Path) -> str:
    """A path for reports; bytes that are no text are replaced."""
    return path.relative_to(root).as_posix().encode("utf-8", "replace").decode()


def _read(file: Path, path: str) -> SourceFile:
    try:
        if file.stat().st_size > LARGEST_FILE:
            return _too_large(path)
        return SourceFile(path, file.read_bytes())
    except OSError as failure:
        return SourceFile(path, None, f"it cannot be opened: {failure.strerror}")


def read_zip(archive: Path | IO[bytes]) -> Iterator[SourceFile]:
    """Every file inside a zip, in the order of their names. Raises `CannotRead`."""
    try:
        opened = zipfile.ZipFile(archive)
    except _BROKEN as failure:
        raise CannotRead(f"The zip is damaged: {failure}") from failure
    with opened:
        entries = [entry for entry in opened.infolist() if not entry.is_dir()]
        if len(entries) > MOST_FILES:
            raise CannotRead(f"The zip holds more than {MOST_FILES:,} files.")
        total = 0
        for entry in sorted(entries, key=lambda entry: entry.filename):
            path = _safe(entry.filename)
            if path is None:
                continue
            found = _inflate(opened, entry, path)
            total += len(found.data or b"")
            if total > LARGEST_TOTAL:
                raise CannotRead("The zip unpacks to more than 2 GiB.")
            yield found


def _inflate(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> SourceFile:
    try:
        with opened.open(entry) as stream:
            data = stream.read(LARGEST_FILE + 1)  # whatever the entry claims to hold
    except _BROKEN as failure:
        return SourceFile(path, None, f"it cannot be unpacked: {failure}")
    return _too_large(path) if len(data) > LARGEST_FILE else SourceFile(path, data)


def _safe(name: str) -> str | None:
    """The entry's path for reports; None for what is to be skipped. Nothing is written to it."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in "/.."]
    return None if not parts or SKIPPED.intersection(parts) else "/".join(parts)


def _too_large(path: str) -> SourceFile:
    return SourceFile(path, None, f"it is larger than {LARGEST_FILE // 2**20} MiB")
