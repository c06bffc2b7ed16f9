"""Code of an org: Apex, pages, Lightning components, static resources.

Tooling API reference: ApexClass, ApexTrigger, ApexPage, ApexComponent, LightningComponentResource,
AuraDefinition, StaticResource.
"""

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath

from apps.crm import errors
from apps.crm.client.soql import checked_id
from apps.crm.session import Org
from apps.posture.scan.sources import LARGEST_FILE, SourceFile

from .asking import OWN, Bearing, Part, plain, select

_HIDDEN = "(hidden)"  # the body of a managed package's class
_AURA = {
    "COMPONENT": ".cmp",
    "APPLICATION": ".app",
    "CONTROLLER": "Controller.js",
    "HELPER": "Helper.js",
    "RENDERER": "Renderer.js",
}
_RESOURCES = {
    "text/javascript": "js",
    "application/javascript": "js",
    "application/x-javascript": "js",
    "text/html": "html",
    "application/zip": "resource",
    "application/x-zip-compressed": "resource",
    "application/octet-stream": "resource",
}


def _named(kind: str, body: str, folder: str, suffix: str) -> Callable[[Org], Iterator[SourceFile]]:
    query = select(kind, "Name", body)

    def read(org: Org) -> Iterator[SourceFile]:
        for record in org.tooling_query(query):
            path = f"{folder}/{plain(record['Name'])}.{suffix}"
            yield _source(path, record.get(body))

    return read


def _components(org: Org) -> Iterator[SourceFile]:
    own = f"LightningComponentBundle.{OWN}"
    for record in org.tooling_query(
        select("LightningComponentResource", "FilePath", "Source", where=own)
    ):
        parts = [part for part in PurePosixPath(str(record["FilePath"])).parts if part not in "/.."]
        yield _source("/".join(("lwc", *parts[parts[:1] == ["lwc"] :])), record.get("Source"))


def _bundles(org: Org) -> Iterator[SourceFile]:
    columns = ("AuraDefinitionBundle.DeveloperName", "DefType", "Source")
    own = f"AuraDefinitionBundle.{OWN}"
    for record in org.tooling_query(select("AuraDefinition", *columns, where=own)):
        suffix = _AURA.get(str(record["DefType"]))
        if suffix is not None:
            name = plain((record.get("AuraDefinitionBundle") or {}).get("DeveloperName"))
            yield _source(f"aura/{name}/{name}{suffix}", record.get("Source"))


def _resources(org: Org) -> Iterator[SourceFile]:
    bearing = Bearing()
    for record in list(org.tooling_query(select("StaticResource", "Id", "Name", "ContentType"))):
        suffix = _RESOURCES.get(str(record.get("ContentType")).lower())
        if suffix is not None:
            path = f"staticresources/{plain(record['Name'])}.{suffix}"
            one = checked_id(str(record["Id"]))
            yield bearing.read(path, partial(_download, org, path, one))


def _download(org: Org, path: str, record_id: str) -> SourceFile:
    kept = _Kept()
    address = f"tooling/sobjects/StaticResource/{record_id}/Body"
    try:
        org.download(address, into=kept, most_bytes=LARGEST_FILE)
    except errors.AnswerTooLarge:
        return SourceFile(path, None, f"it is larger than {LARGEST_FILE // 2**20} MiB")
    return SourceFile(path, kept.getvalue())


class _Kept(BytesIO):
    """A download in memory."""

    def restart(self) -> None:
        self.seek(0)
        self.truncate()


def _source(path: str, body: object) -> SourceFile:
    if body is None or body == _HIDDEN:
        return SourceFile(path, None, "the org hides its code")
    return SourceFile(path, str(body).encode())


PARTS = (
    Part("classes/*.cls", _named("ApexClass", "Body", "classes", "cls")),
    Part("triggers/*.trigger", _named("ApexTrigger", "Body", "triggers", "trigger")),
    Part("pages/*.page", _named("ApexPage", "Markup", "pages", "page")),
    Part("components/*.component", _named("ApexComponent", "Markup", "components", "component")),
    Part("lwc/*.js", _components),
    Part("aura/*.cmp", _bundles),
    Part("staticresources/*.resource", _resources),
)
