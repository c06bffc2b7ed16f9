"""Asking an org for one kind of metadata after the other.

The Tooling API tells the settings of most kinds in the field `Metadata`, one record a query:
"When retrieving results with Metadata or FullName fields, the query qualifications must specify no
more than one row". What may not be read is named as unread, never left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.crm import errors
from apps.crm.client.soql import quoted
from apps.crm.session import Org
from apps.posture.scan.sources import SourceFile

from .documents import TooDeep, document

Record = dict[str, Any]
REFUSED = (
    errors.AccessRefused,
    errors.QueryRefused,
    errors.RecordMissing,
    errors.ValidationRefused,  # a query that is too large or too complicated for the org
)
_BREAKS = (errors.OrgUnavailable, errors.NotJson)
OWN = "NamespacePrefix = null"  # what managed packages bring is hidden, and not the org's to mend


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of metadata: where its files stand, and how they are read."""

    place: str
    read: Callable[[Org], Iterator[SourceFile]]


def read_part(org: Org, part: Part) -> Iterator[SourceFile]:
    """The files of a part, and one without content when the org refuses to tell the rest.

    Raises what stops all reading: an org that is away, a refused sign-in, spent limits.
    """
    try:
        yield from part.read(org)
    except REFUSED as refused:
        yield SourceFile(part.place, None, f"the org does not tell: {refused.message}")
    except (AttributeError, KeyError, TypeError, ValueError):  # whatever the org answered instead
        yield SourceFile(part.place, None, "the org's answer is not of the form it should have")


def select(source: str, *columns: str, where: str = OWN) -> str:
    """A query in the console's own words; values in `where` come quoted."""
    clause = f" WHERE {where}" if where else ""
    return f"SELECT {', '.join(columns)} FROM {source}{clause}"  # noqa: S608


def each_metadata(
    org: Org,
    kind: str,
    *,
    listing: str,
    root: str,
    path: Callable[[Record], str],
    wrap: Callable[[Record, dict[str, Any]], dict[str, Any]] | None = None,
    identity: str = "Id",
) -> Iterator[SourceFile]:
    """A file for every record that `listing` names, made of its `Metadata`.

    `identity` is the field of the listing that holds the id to ask for; `path` and `wrap` (which
    changes what the file holds) are given the record of the listing with its `FullName`.
    """
    bearing = Bearing()

    def read(listed: Record) -> SourceFile:
        chosen = f"Id = {quoted(str(listed[identity]))}"
        soql = select(kind, "FullName", "Metadata", where=chosen)
        record = {**listed, **next(org.tooling_query(soql), {})}
        told = record.get("Metadata")
        if isinstance(told, dict):
            return xml_file(path(record), root, wrap(record, told) if wrap else told)
        return SourceFile(path(record), None, "the org does not tell its settings")

    for listed in list(org.tooling_query(listing)):
        yield bearing.read(path(listed), partial(read, listed))


@dataclass(slots=True)
class Bearing:
    """Bears that an org breaks off at one component; at two in a row it is the org that is away."""

    broke: bool = False

    def read(self, place: str, make: Callable[[], SourceFile]) -> SourceFile:
        """What `make` reads, or a file without content. Raises what stops all reading."""
        try:
            found = make()
        except _BREAKS:
            if self.broke:
                raise
            self.broke = True
            return SourceFile(place, None, "the org breaks off when asked for it")
        self.broke = False
        return found


def xml_file(place: str, root: str, values: Any) -> SourceFile:
    """A file of declarative metadata from an answer."""
    try:
        return SourceFile(place, document(root, values))
    except TooDeep:
        return SourceFile(place, None, "the org's answer nests deeper than metadata does")


def plain(name: object) -> str:
    """A name from the org as one part of a path."""
    return str(name).replace("/", "_").replace("\\", "_") or "_"
