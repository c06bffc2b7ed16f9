"""Writing an export: streamed, whole or not at all, with a signed list of its files."""

import base64
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from apps.common.errors import Invalid
from apps.ledger import note
from apps.ledger.durable import flush_directory
from apps.ledger.export.content import Content, Older, moment
from apps.ledger.signing import NoteKey
from apps.ledger.tiles import tile_path, widths

BLOCK = 65_536  # entries in a file; the verifier reads one file at a time


def write(
    place: Path,
    content: Content,
    *,
    keys: Sequence[NoteKey],
    say: Callable[[int], None] | None = None,
) -> str:
    """Write the export as the directory `place` and return the SHA-256 of its manifest.

    Raises `Invalid` when `place` exists or its parent cannot be written to. Until everything is
    on the disk the files stand in a directory with another name; what fails leaves nothing. `say`
    is told how many entries are written, now and then.
    """
    with _appearing(place) as temporary:
        return _Files(temporary, say).write(content, keys)


@contextmanager
def _appearing(place: Path) -> Iterator[Path]:
    if place.exists():
        raise Invalid(f"{place} exists already. Choose a new directory.", field="out")
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    except OSError as error:
        raise Invalid(f"{place.parent} cannot be written to.", field="out") from error
    try:
        yield temporary
        temporary.rename(place)
        flush_directory(place.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


class _Files:
    """The files of one export as they are written, and their hashes."""

    def __init__(self, place: Path, say: Callable[[int], None] | None) -> None:
        self.place, self.say = place, say
        self.digests: dict[str, str] = {}

    def write(self, content: Content, keys: Sequence[NoteKey]) -> str:
        self._text("checkpoint", content.note)
        self._json("keys.json", content.key_history())
        self._entries(content)
        self._tiles(content)
        self._file("checkpoints.jsonl", map(_line_of, content.older))
        for name, data in content.anchors:
            self._file(f"anchors/{name}", [data])
        self._json("sources.json", list(content.receipts))
        found = [{"code": each.code, "words": each.words} for each in content.findings]
        if found:
            self._json("rows.json", found)
        return self._manifest(content, keys)

    def _entries(self, content: Content) -> None:
        size = content.checkpoint.size
        for block in range(content.first // BLOCK, -(-size // BLOCK)):
            end = min(size, (block + 1) * BLOCK)
            bodies = content.bodies(block * BLOCK, end)
            self._file(f"entries/{block:06d}.jsonl", map(_line, bodies))
            if self.say:
                self.say(end)

    def _tiles(self, content: Content) -> None:
        for level, index, width in widths(content.checkpoint.size):
            data = content.tile(level, index, width)
            self._file(tile_path(level, index, width), [data])

    def _manifest(self, content: Content, keys: Sequence[NoteKey]) -> str:
        """manifest.json, and over its hash a note that no checkpoint can be mistaken for."""
        log = content.checkpoint
        data = {
            "v": 1,
            "origin": log.origin,
            "size": log.size,
            "first": content.first,
            "at": moment(content.at),
            "files": dict(self.digests),
        }
        self._json("manifest.json", data)
        digest = self.digests["manifest.json"]
        text = f"{log.origin}/export\nsha256 {digest}\n"
        self._text("manifest.note", note.sign(text, name=log.origin, keys=keys))
        return digest

    def _json(self, name: str, data: Any) -> None:
        self._text(name, json.dumps(data, indent=1, sort_keys=True) + "\n")

    def _text(self, name: str, text: str) -> None:
        self._file(name, [text.encode()])

    def _file(self, name: str, pieces: Iterable[bytes]) -> None:
        path, digest = self.place / name, sha256()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        self.digests[name] = digest.hexdigest()


def _line(body: bytes | None) -> bytes:
    """A body as it is; wrapped when it is no single line of text, empty when it is gone."""
    if body is None:
        return b"\n"
    if body and b"\n" not in body and not body.startswith(b'{"seq":'):
        return body + b"\n"
    return json.dumps({"seq": None, "body": base64.b64encode(body).decode()}).encode() + b"\n"


def _line_of(older: Older) -> bytes:
    proof = [base64.b64encode(step).decode() for step in older.proof]
    said = {"note": older.note, "at": moment(older.at), "proof": proof}
    return json.dumps(said).encode() + b"\n"
