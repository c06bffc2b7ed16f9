"""Looking at an uploaded zip before it is kept: what is hostile or no metadata is refused in words.

Reads the directory of the zip only; sizes are counted again while the scan unpacks it, because a
directory may lie.
"""

import zipfile
from io import BytesIO
from pathlib import PurePosixPath

from apps.common.errors import Invalid
from apps.posture.scan.run import reader_for
from apps.posture.scan.sources import MOST_FILES

FIELD = "archive"
LARGEST_UNPACKED = 512 * 2**20
BOMB_RATIO, BOMB_SIZE = 200, 20 * 2**20
_ENCRYPTED = 0x1
_LINK = 0o120000


def check_archive(data: bytes) -> int:
    """The number of entries that the scan will look at; `Invalid` says what is wrong."""
    entries = _entries(data)
    for entry in entries:
        _check_entry(entry)
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise _refused("The zip unpacks to more than 512 MiB. Split it and scan the parts.")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise _refused("The zip holds two files of the same name. Make it anew.")
    if not any(map(reader_for, names)):
        raise _refused(
            "The zip holds no Salesforce metadata. Zip the folder that `sf project retrieve` or "
            "`sf project retrieve start --target-metadata-dir` wrote."
        )
    return len(names)


def _entries(data: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        raise _refused(
            "This is no zip file, or it is damaged. Choose a .zip of metadata."
        ) from None
    if len(entries) > MOST_FILES:
        raise _refused(f"The zip holds more than {MOST_FILES:,} files. Split it.")
    return entries


def _check_entry(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise _refused("The zip holds a file that points outside of it. Make it anew.")
    if (entry.external_attr >> 16) & 0o170000 == _LINK:
        raise _refused("The zip holds a link instead of a file. Make it anew without links.")
    if entry.flag_bits & _ENCRYPTED:
        raise _refused("The zip is protected by a password. Upload it without one.")
    if entry.file_size > BOMB_SIZE and entry.file_size > BOMB_RATIO * max(entry.compress_size, 1):
        raise _refused("A file in the zip unpacks to far more than it holds. It was not read.")


def _refused(words: str) -> Invalid:
    return Invalid(words, field=FIELD)
