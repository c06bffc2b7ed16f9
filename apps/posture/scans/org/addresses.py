"""Where an org may send data: sites, credentials, external services, flows, outbound messages.

Tooling API reference: RemoteProxy, NamedCredential, ExternalCredential,
ExternalServiceRegistration, FlowDefinition, Flow, WorkflowOutboundMessage; Object reference:
CspTrustedSite. Of a flow only the active version runs.
"""

from collections.abc import Callable, Iterator
from typing import Any

from apps.crm.session import Org
from apps.posture.scan.sources import SourceFile

from .asking import OWN, Part, Record, each_metadata, plain, select, xml_file

Read = Callable[[Org], Iterator[SourceFile]]


def _sites(kind: str, folder: str, suffix: str, root: str, *, named: str, **fields: str) -> Read:
    """`fields` names, for each element of the file, the field whose value it holds."""
    query = select(kind, named, *fields.values(), where="")

    def read(org: Org) -> Iterator[SourceFile]:
        for record in org.tooling_query(query):
            held = {tag: record.get(field) for tag, field in fields.items()}
            yield xml_file(f"{folder}/{plain(record.get(named))}.{suffix}", root, held)

    return read


def _settings(kind: str, folder: str, suffix: str) -> Read:
    """Components whose `Metadata` is the file."""

    def read(org: Org) -> Iterator[SourceFile]:
        return each_metadata(
            org,
            kind,
            listing=select(kind, "Id", "DeveloperName"),
            root=kind,
            path=lambda record: f"{folder}/{plain(record['DeveloperName'])}.{suffix}",
        )

    return read


def _flows(org: Org) -> Iterator[SourceFile]:
    return each_metadata(
        org,
        "Flow",
        listing=select(
            "FlowDefinition",
            "DeveloperName",
            "ActiveVersionId",
            where=f"ActiveVersionId != null AND {OWN}",
        ),
        root="Flow",
        path=lambda record: f"flows/{plain(record['DeveloperName'])}.flow",
        identity="ActiveVersionId",
    )


def _workflow(record: Record) -> str:
    """Full names are `Object.Name`; a file holds the messages of one object."""
    name = str(record.get("FullName") or record["Name"])
    return f"workflows/{plain(name.partition('.')[0])}.workflow"


def _messages(org: Org) -> Iterator[SourceFile]:
    def inside(record: Record, told: dict[str, Any]) -> dict[str, Any]:
        return {"outboundMessages": {**told, "fullName": record["Name"]}}

    return each_metadata(
        org,
        "WorkflowOutboundMessage",
        listing=select("WorkflowOutboundMessage", "Id", "Name"),
        root="Workflow",
        path=_workflow,
        wrap=inside,
    )


PARTS = (
    Part(
        "remoteSiteSettings/*.remoteSite",
        _sites(
            "RemoteProxy",
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
        _sites(
            "CspTrustedSite",
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
        _settings("NamedCredential", "namedCredentials", "namedCredential"),
    ),
    Part(
        "externalCredentials/*.externalCredential",
        _settings("ExternalCredential", "externalCredentials", "externalCredential"),
    ),
    Part(
        "externalServiceRegistrations/*.externalServiceRegistration",
        _settings(
            "ExternalServiceRegistration",
            "externalServiceRegistrations",
            "externalServiceRegistration",
        ),
    ),
    Part("flows/*.flow", _flows),
    Part("workflows/*.workflow", _messages),
)
