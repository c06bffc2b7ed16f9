"""Everything of an org that the scan looks at, part by part."""

from collections.abc import Iterable, Iterator

from apps.crm.session import Org
from apps.posture.scan.sources import SourceFile
from apps.posture.scans.folders import place_of

from . import access, addresses, code, kept, people
from .asking import read_part

_TOGETHER = {"classes": "code", "triggers": "code"}  # what a trigger hands on, a class may send
PARTS = (*code.PARTS, *addresses.PARTS, *kept.PARTS, *access.PARTS, *people.PARTS)


def org_files(org: Org) -> Iterator[SourceFile]:
    """Everything that can be read, and a file without content for what cannot.

    Raises what stops all reading: an org that is away, a refused sign-in, spent limits.
    """
    for part in PARTS:
        yield from read_part(org, part)


def kinds_read(unread: Iterable[str]) -> frozenset[str]:
    """The kinds of metadata that a reading saw in full, given the places that it could not read."""
    every = frozenset(kind_of(part.place) for part in PARTS)
    return every - {kind_of(place) for place in unread}


def kind_of(place: str) -> str:
    """The kind of metadata that stands at a place of an org."""
    folder = place_of(place).partition("/")[0]
    return _TOGETHER.get(folder, folder)
