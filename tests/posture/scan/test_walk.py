"""What the scan is asked to find, line by line: one repository for each."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

import pytest

from apps.posture.scan.hosts import known_host, reviewed_on
from apps.posture.scan.told import lines_of
from tests.posture.scan.made_up import AWS_KEY, OPENAI_KEY, RANDOM, scanned, xml

SENDER = (
    "public with sharing class Sender { public static void post(String body) { "
    "HttpRequest r = new HttpRequest(); r.setEndpoint('callout:Hub/in'); r.setBody(body); } }"
)
HUB = xml("NamedCredential", "<endpoint>https://hub.acme.fr</endpoint>")


@dataclass(frozen=True)
class Case:
    """Files, and the host they send to (or "") or the rule they break (or "")."""

    files: dict[str, str]
    host: str = ""
    rule: str = ""


def address(path: str, root: str, inside: str) -> Case:
    return Case({path: xml(root, inside)}, host="in.acme.fr")


ADDRESSES = {
    "Apex": Case(
        {
            "classes/A.cls": "public with sharing class A { void go(HttpRequest r) { "
            "r.setEndpoint('https://in.acme.fr/x'); } }"
        },
        host="in.acme.fr",
    ),
    "a trigger": Case(
        {
            "triggers/T.trigger": "trigger T on Case (after insert) { HttpRequest r = "
            "new HttpRequest(); r.setEndpoint('https://in.acme.fr'); }"
        },
        host="in.acme.fr",
    ),
    "a Lightning web component": Case(
        {"lwc/a/a.js": "export default () => fetch('https://in.acme.fr/x');"}, host="in.acme.fr"
    ),
    "an Aura controller": Case(
        {"aura/a/aController.js": "({ go: function () { fetch('https://in.acme.fr'); } })"},
        host="in.acme.fr",
    ),
    "an Aura component": Case(
        {"aura/a/a.cmp": '<aura:component><iframe src="https://in.acme.fr"/></aura:component>'},
        host="in.acme.fr",
    ),
    "a Visualforce page": Case(
        {"pages/a.page": '<apex:page><script src="https://in.acme.fr/a.js"></script></apex:page>'},
        host="in.acme.fr",
    ),
    "a flow": address(
        "flows/F.flow-meta.xml",
        "Flow",
        "<formulas><expression>https://in.acme.fr/go</expression></formulas>",
    ),
    "a named credential": address(
        "N.namedCredential-meta.xml", "NamedCredential", "<endpoint>https://in.acme.fr</endpoint>"
    ),
    "an external credential": address(
        "E.externalCredential-meta.xml",
        "ExternalCredential",
        "<externalCredentialParameters><parameterType>AuthProviderUrl</parameterType>"
        "<parameterValue>https://in.acme.fr/token</parameterValue></externalCredentialParameters>",
    ),
    "a remote site": address(
        "R.remoteSite-meta.xml", "RemoteSiteSetting", "<url>https://in.acme.fr</url>"
    ),
    "a trusted site": address(
        "C.cspTrustedSite-meta.xml",
        "CspTrustedSite",
        "<endpointUrl>https://in.acme.fr</endpointUrl>",
    ),
    "an external service": address(
        "S.externalServiceRegistration-meta.xml",
        "ExternalServiceRegistration",
        '<schema>{"openapi": "3.0.1", "servers": [{"url": "https://in.acme.fr"}]}</schema>',
    ),
    "an outbound message": address(
        "workflows/Case.workflow",
        "Workflow",
        "<outboundMessages><endpointUrl>https://in.acme.fr</endpointUrl></outboundMessages>",
    ),
    "a custom metadata record": address(
        "customMetadata/A.B.md",
        "CustomMetadata",
        "<values><field>Url__c</field><value>https://in.acme.fr</value></values>",
    ),
}
FINDINGS = {
    "a secret in code": Case(
        {"classes/A.cls": f"public class A {{ String k = '{OPENAI_KEY}'; }}"}, rule="secret"
    ),
    "a secret in a credential": Case(
        {
            "N.namedCredential": xml(
                "NamedCredential",
                "<namedCredentialParameters><parameterName>x-api-key</parameterName>"
                f"<parameterType>HttpHeader</parameterType><parameterValue>{RANDOM}"
                "</parameterValue></namedCredentialParameters>",
            )
        },
        rule="secret",
    ),
    "a secret in custom metadata": Case(
        {
            "customMetadata/A.B.md": xml(
                "CustomMetadata",
                f"<values><field>K__c</field><value>{AWS_KEY}</value></values>",
            )
        },
        rule="secret",
    ),
    "records that a trigger hands to a class that sends them": Case(
        {
            "classes/Sender.cls": SENDER,
            "namedCredentials/Hub.namedCredential": HUB,
            "triggers/T.trigger": "trigger T on Case (after update) { "
            "Sender.post(JSON.serialize(Trigger.new)); }",
        },
        rule="full-record",
    ),
    "code without sharing": Case(
        {
            "classes/A.cls": "public without sharing class A { List<Case> all() { "
            "return [SELECT Id FROM Case]; } }"
        },
        rule="without-sharing",
    ),
    "a flow without sharing": Case(
        {
            "flows/F.flow": xml(
                "Flow",
                "<recordLookups><object>Case</object></recordLookups>"
                "<runInMode>SystemModeWithoutSharing</runInMode>",
            )
        },
        rule="without-sharing",
    ),
    "fields read past their security": Case(
        {
            "classes/A.cls": "public with sharing class A { List<Case> all() { "
            "return [SELECT Id, Subject FROM Case]; } }"
        },
        rule="system-mode",
    ),
    "the scope full": Case(
        {"A.connectedApp": xml("ConnectedApp", "<oauthConfig><scopes>Full</scopes></oauthConfig>")},
        rule="app-full-scope",
    ),
    "an app without address limits": Case(
        {"A.connectedApp": xml("ConnectedApp", "<oauthConfig><scopes>Api</scopes></oauthConfig>")},
        rule="app-no-ip-limit",
    ),
    "tokens that never expire": Case(
        {
            "A.connectedApp": xml(
                "ConnectedApp",
                "<oauthConfig><scopes>RefreshToken</scopes></oauthConfig><oauthPolicy>"
                "<refreshTokenPolicy>infinite</refreshTokenPolicy></oauthPolicy>",
            )
        },
        rule="app-token-forever",
    ),
    "a restricted field in the clear": Case(
        {
            "objects/Case/fields/Iban__c.field-meta.xml": xml(
                "CustomField",
                "<securityClassification>Restricted</securityClassification><type>Text</type>",
            )
        },
        rule="field-unencrypted",
    ),
    "API access that anybody has": Case(
        {
            "settings/ConnectedApp.settings": xml(
                "ConnectedAppSettings",
                "<enableAdminApprovedAppsOnly>false</enableAdminApprovedAppsOnly>",
            )
        },
        rule="api-access-open",
    ),
    "who may approve apps that are not installed": Case(
        {
            "A.permissionset": xml(
                "PermissionSet",
                "<userPermissions><enabled>true</enabled><name>CanApproveUninstalledApps</name>"
                "</userPermissions>",
            )
        },
        rule="dangerous-permission",
    ),
}
TOOLS = {
    "Heroku Connect": "Heroku Connect",
    "MuleSoft": "MuleSoft Anypoint",
    "Data Loader": "Data Loader",
    "Workato": "Workato Production",
    "Informatica": "Informatica Cloud",
    "Fivetran": "Fivetran sync",
}


@pytest.mark.parametrize("kind", ADDRESSES)
def test_an_outbound_address_is_found_in(kind: str) -> None:
    case = ADDRESSES[kind]
    found = {each.host: each.place.path for each in scanned(case.files).addresses}
    assert found == {case.host: next(iter(case.files))}


@pytest.mark.parametrize("kind", FINDINGS)
def test_the_scan_finds(kind: str) -> None:
    case = FINDINGS[kind]
    assert case.rule in {found.rule_id for found in scanned(case.files).findings}


@pytest.mark.parametrize("tool", TOOLS)
def test_an_integration_tool_is_recognised(tool: str) -> None:
    label = f"<label>{TOOLS[tool]}</label><oauthConfig/>"
    report = scanned({"A.connectedApp": xml("ConnectedApp", label)})
    assert [each.subject for each in report.findings if each.rule_id == "integration-tool"] == [
        tool
    ]


@pytest.mark.parametrize(
    ("host", "jurisdiction", "basis", "is_llm"),
    [
        ("api.openai.com", "US", "stated by the provider", True),
        ("eu.api.openai.com", "EU", "stated by the provider", True),
        ("bedrock-runtime.eu-central-1.amazonaws.com", "DE", "region in the host's name", True),
        ("acme.openai.azure.com", "", "", True),
        ("files.s3.eu-west-3.amazonaws.com", "FR", "region in the host's name", False),
        ("maps.googleapis.com", "US", "seat of the provider", False),
        ("crm.acme.fr", "FR", "country of the domain", False),
        ("tool.acme.io", "", "", False),
        ("203.0.113.7", "", "", False),
    ],
)
def test_a_host_is_judged_by_what_its_name_tells(
    host: str, jurisdiction: str, basis: str, is_llm: bool
) -> None:
    known = known_host(host)
    assert (known.jurisdiction, known.basis, known.is_llm) == (jurisdiction, basis, is_llm)


def test_a_stated_jurisdiction_names_its_source_and_the_table_its_day() -> None:
    rows = tomllib.loads(files("apps.posture.scan").joinpath("known.toml").read_text())
    stated = [row for row in rows["provider"] if "jurisdiction" in row]
    assert all(row["source"].startswith("https://") for row in stated)
    assert reviewed_on() == rows["reviewed"]
    assert any(
        f"{reviewed_on()}" in line
        for line in lines_of(scanned({"lwc/a/a.js": "fetch('https://a.fr')"}))
    )


def test_a_flow_reaches_its_service_and_its_service_a_credential() -> None:
    call = (
        "<actionCalls><actionName>Hub.ask</actionName><actionType>externalService</actionType>"
        "</actionCalls>"
    )
    service = "<namedCredentialReference>Hub</namedCredentialReference>"
    files = {
        "flows/F.flow": xml("Flow", call),
        "S/Hub.externalServiceRegistration": xml("ExternalServiceRegistration", service),
        "N/Hub.namedCredential": HUB,
    }

    past, through = scanned(files), scanned(files, gateways=("hub.acme.fr",))

    assert {found.rule_id for found in past.findings} == {"egress-outside"}
    assert through.findings == []
