"""Looks for files attached anywhere else than in the list that PDF readers show."""

import re

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.xref import ObjStreamRef

from .document import Document
from .report import Exit, Problem

# The key /EF with either letter possibly written as a number (ISO 32000-1, 7.3.5).
_CARRIES_FILE = re.compile(rb"/(?:E|#45)(?:F|#46)(?![A-Za-z0-9])")


def refuse_hidden(document: Document, listed: set[int]) -> None:
    """Raise ``Problem`` for an object that carries a file and is not among ``listed``."""
    alone, streams = _objects(document)
    suspects = [reference for reference in alone if _carries(reference)]
    for number, members in streams.items():
        packed = _stream_data(document, number)
        # Reading each member is slow, so only streams that mention the key at all are opened.
        if len(_CARRIES_FILE.findall(packed)) > sum(one.idnum in listed for one in members):
            suspects += [one for one in members if _carries(one)]
    for reference in suspects:
        if reference.idnum not in listed:
            said = "a file is attached outside the list of attachments"
            raise Problem(Exit.ANNEX, said, f"PDF object {reference.idnum}")


def _objects(
    document: Document,
) -> tuple[list[generic.Reference], dict[int, list[generic.Reference]]]:
    """Return the objects that stand alone, and the others by the object stream they are in."""
    references = document.reader.xrefs
    alone: list[generic.Reference] = []
    streams: dict[int, list[generic.Reference]] = {}
    for revision in range(references.total_revisions):
        for reference in references.explicit_refs_in_revision(revision):
            entry = references.get_historical_ref(reference, revision)
            if isinstance(entry, ObjStreamRef):
                streams.setdefault(entry.obj_stream_id, []).append(reference)
            else:
                alone.append(reference)
    return alone, streams


def _carries(reference: generic.Reference) -> bool:
    value = reference.get_object()
    return isinstance(value, generic.DictionaryObject) and "/EF" in value


def _stream_data(document: Document, number: int) -> bytes:
    stream = generic.Reference(number, 0, document.reader).get_object()
    if not isinstance(stream, generic.StreamObject):
        raise Problem(Exit.ANNEX, "an object stream is not a stream", f"PDF object {number}")
    return bytes(stream.data)
