"""An org's metadata as files, from what the Tooling API answers.

Objects and fields: Tooling API reference, ApexClass, ApexTrigger, RemoteProxy; Object reference,
CspTrustedSite, NamedCredential. What this way does not tell is named as unread, never left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from apps.crm import errors
from apps.crm.session import Org
from apps.posture.scan.sources import SourceFile

Record = dict[str, Any]
_OWN = "NamespacePrefix = null"  # the code of managed packages is hidden


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of metadata: what to ask, and how an answer becomes a file."""

    place: str
    query: str
    file: Callable[[Record], SourceFile]


def org_files(org: Org) -> Iterator[SourceFile]:
    """Everything that can be read, and a file without content for each part that cannot.

    Raises what stops all reading: an org that is away, a refused sign-in, spent limits.
    """
    for part in PARTS:
        try:
            for record in org.tooling_query(part.query):
                yield part.file(record)
        except (errors.AccessRefused, errors.QueryRefused, errors.RecordMissing) as refused:
            yield SourceFile(part.place, None, f"the org does not tell: {refused.message}")
    for place, why in _UNKNOWN.items():
        yield SourceFile(place, None, why)


def _code(folder: str, suffix: str) -> Callable[[Record], SourceFile]:
    def file(record: Record) -> SourceFile:
        path = f"{folder}/{record['Name']}.{suffix}"
        body = record.get("Body")
        if body is None or body == "(hidden)":
            return SourceFile(path, None, "the org hides its code")
        return SourceFile(path, str(body).encode())

    return file


def _xml(folder: str, suffix: str, root: str, **fields: str) -> Callable[[Record], SourceFile]:
    """`fields` names, for each element of the file, the field whose value it holds."""
    name = fields.pop("named")

    def file(record: Record) -> SourceFile:
        inside = "\n".join(
            f"<{tag}>{escape(_text(record.get(source)))}</{tag}>" for tag, source in fields.items()
        )
        return SourceFile(
            f"{folder}/{record.get(name)}.{suffix}", f"<{root}>\n{inside}\n</{root}>".encode()
        )

    return file


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value or "")


PARTS = (
    Part(
        "classes/*.cls",
        f"SELECT Name, Body FROM ApexClass WHERE {_OWN}",  # noqa: S608  no value from outside
        _code("classes", "cls"),
    ),
    Part(
        "triggers/*.trigger",
        f"SELECT Name, Body FROM ApexTrigger WHERE {_OWN}",  # noqa: S608  no value from outside
        _code("triggers", "trigger"),
    ),
    Part(
        "remoteSiteSettings/*.remoteSite",
        "SELECT SiteName, EndpointUrl, IsActive, DisableProtocolSecurity FROM RemoteProxy",
        _xml(
            "remoteSiteSettings",
            "remoteSite",
            "RemoteSiteSetting",
            named="SiteName",
            url="EndpointUrl",
            isActive="IsActive",
            disableProtocolSecurity="DisableProtocolSecurity",
        ),
    ),
    Part(
        "cspTrustedSites/*.cspTrustedSite",
        "SELECT DeveloperName, EndpointUrl, IsActive, IsApplicableToConnectSrc FROM CspTrustedSite",
        _xml(
            "cspTrustedSites",
            "cspTrustedSite",
            "CspTrustedSite",
            named="DeveloperName",
            endpointUrl="EndpointUrl",
            isActive="IsActive",
            isApplicableToConnectSrc="IsApplicableToConnectSrc",
        ),
    ),
    Part(
        "namedCredentials/*.namedCredential",
        "SELECT DeveloperName, Endpoint, PrincipalType FROM NamedCredential",
        _xml(
            "namedCredentials",
            "namedCredential",
            "NamedCredential",
            named="DeveloperName",
            endpoint="Endpoint",
            principalType="PrincipalType",
        ),
    ),
)
_ONE_BY_ONE = "the org tells these one by one only; upload a zip to have them scanned"
_UNKNOWN = {
    "flows/*.flow": _ONE_BY_ONE,
    "lwc/*.js": _ONE_BY_ONE,
    "pages/*.page": _ONE_BY_ONE,
    "objects/*.object": _ONE_BY_ONE,
    "connectedApps/*.connectedApp": _ONE_BY_ONE,
    "externalCredentials/*.externalCredential": _ONE_BY_ONE,
}
