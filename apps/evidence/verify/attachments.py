"""Takes the attached files out of the PDF, from bytes nobody vouches for yet."""

import zlib
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic

from .document import Document
from .hidden import refuse_hidden
from .report import Exit, Problem

MAX_ATTACHED_BYTES = 2 << 30
_FLATE = "/FlateDecode"


@dataclass(frozen=True)
class Attached:
    """The attached files by name, and where in the PDF each one's object starts."""

    files: dict[str, bytes]
    places: dict[str, str]
    broken: dict[str, str]


def take_out(document: Document) -> tuple[str, Attached]:
    """Return every attached file; a file that cannot be unpacked is listed under ``broken``.

    Refuses names used twice and files attached anywhere else than in the list readers show.
    """
    root = document.reader.root
    tree = root["/Names"]["/EmbeddedFiles"]
    names = list(tree["/Names"])
    if "/Kids" in tree or len(names) % 2:
        raise Problem(Exit.ANNEX, "the list of attachments does not have the form a pack has")
    found = Attached({}, {}, {})
    left = MAX_ATTACHED_BYTES
    for position in range(0, len(names), 2):
        name, spec = str(names[position]), tree["/Names"][position + 1]
        if name in found.places or str(spec["/UF"]) != name or str(spec["/F"]) != name:
            raise Problem(Exit.ANNEX, "an attachment bears two names or a name is used twice", name)
        _take_one(name, spec, found, left)
        left -= len(found.files.get(name, b""))
    shown = [_number(tree["/Names"], index) for index in range(1, len(names), 2)]
    refuse_hidden(document, set(shown))
    listed = [_number(root["/AF"], index) for index in range(len(root["/AF"]))]
    if sorted(listed) != sorted(shown):
        raise Problem(Exit.ANNEX, "the two lists of attachments in the PDF differ")
    return f"{len(names) // 2} attached files", found


def _take_one(name: str, spec: Any, found: Attached, limit: int) -> None:
    stream_ref = spec["/EF"].raw_get("/F")
    found.places[name] = f"{name}, PDF object {stream_ref.idnum}"
    try:
        found.files[name] = _unpack(stream_ref.get_object(), limit)
    except (zlib.error, ValueError) as error:
        found.broken[name] = str(error)


def _unpack(stream: Any, limit: int) -> bytes:
    """Inflate within a limit: a small file can otherwise unpack to terabytes."""
    packed: bytes = stream.encoded_data
    kind = stream.get("/Filter")
    if kind is None:
        return packed
    if kind != _FLATE:
        raise ValueError(f"packed with {kind}")
    inflater = zlib.decompressobj()
    data = inflater.decompress(packed, limit + 1)
    if len(data) > limit:
        raise ValueError("unpacks to more than 2 GiB")
    if not inflater.eof or inflater.unused_data.strip(b"\r\n"):
        raise ValueError("its packed form is cut off or followed by something")
    return data


def _number(names: generic.ArrayObject, index: int) -> int:
    return int(names.raw_get(index).idnum)
