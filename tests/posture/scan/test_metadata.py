"""What the scan finds in declarative metadata, in both formats."""

import pytest

from tests.posture.scan.made_up import AWS_KEY, RANDOM, scanned, told, xml

NAMED = xml(
    "NamedCredential",
    "<namedCredentialParameters><parameterName>Url</parameterName><parameterType>Url</parameterType>"
    "<parameterValue>https://eu.api.openai.com</parameterValue></namedCredentialParameters>",
)
REMOTE = "<url>http://files.acme.fr</url><disableProtocolSecurity>true</disableProtocolSecurity>"


@pytest.mark.parametrize(
    "path", ["a/Models.namedCredential-meta.xml", "namedCredentials/Models.namedCredential"]
)
def test_both_formats_are_read(path: str) -> None:
    report = scanned({path: NAMED})

    assert told(report) == [("egress-llm", 3)]
    assert report.addresses[0].jurisdiction == "EU"


def test_a_secret_that_an_admin_typed_into_a_credential_is_found() -> None:
    parameter = (
        "<externalCredentialParameters><parameterName>x-api-key</parameterName>"
        f"<parameterType>AuthHeader</parameterType>\n<parameterValue>{RANDOM}</parameterValue>"
        "</externalCredentialParameters>"
    )

    report = scanned({"X.externalCredential": xml("ExternalCredential", parameter)})

    assert told(report) == [("secret", 4)]
    assert RANDOM not in repr(report)


def test_an_open_credential_and_an_insecure_site_are_found() -> None:
    credential = (
        "<endpoint>https://m.acme.fr</endpoint><principalType>Anonymous</principalType>"
        "<protocol>NoAuthentication</protocol>"
    )

    report = scanned(
        {
            "A.namedCredential": xml("NamedCredential", credential),
            "B.remoteSite": xml("RemoteSiteSetting", REMOTE),
            "C.remoteSite": xml("RemoteSiteSetting", f"<isActive>false</isActive>{REMOTE}"),
        }
    )

    assert {rule for rule, _ in told(report)} == {
        "egress-outside",
        "credential-open",
        "egress-plain-http",
        "site-insecure",
    }
    assert not any(found.place.path.startswith("C.") for found in report.findings)


def test_a_connected_app_with_everything_open() -> None:
    app = xml(
        "ConnectedApp",
        "<label>MuleSoft Sync</label><oauthConfig><scopes>Full</scopes>"
        "<scopes>RefreshToken</scopes></oauthConfig><oauthPolicy><ipRelaxation>BYPASS</ipRelaxation>"
        "<refreshTokenPolicy>infinite</refreshTokenPolicy></oauthPolicy>",
    )

    report = scanned({"Mule.connectedApp-meta.xml": app})

    assert sorted(rule for rule, _ in told(report)) == [
        "app-full-scope",
        "app-no-ip-limit",
        "app-token-forever",
        "integration-tool",
    ]


def test_a_connected_app_that_is_kept_tight_is_no_finding() -> None:
    app = xml(
        "ConnectedApp",
        "<label>Contracts</label><oauthConfig><scopes>Api</scopes><scopes>RefreshToken</scopes>"
        "</oauthConfig><oauthPolicy><ipRelaxation>ENFORCE</ipRelaxation>"
        "<refreshTokenPolicy>specific_lifetime:30:DAYS</refreshTokenPolicy></oauthPolicy>",
    )

    assert not scanned({"Contracts.connectedApp-meta.xml": app}).findings


def test_external_client_apps_are_read_from_their_files() -> None:
    scopes = "<commaSeparatedOauthScopes>Api, Full</commaSeparatedOauthScopes><label>Bot</label>"
    policy = "<ipRelaxationPolicyType>Bypass</ipRelaxationPolicyType>"

    report = scanned(
        {
            "Bot.ecaOauth-meta.xml": xml("ExtlClntAppOauthSettings", scopes),
            "Bot.ecaOauthPlcy-meta.xml": xml("ExtlClntAppOauthConfigurablePolicies", policy),
        }
    )

    assert [rule for rule, _ in told(report)] == ["app-full-scope", "app-no-ip-limit"]


def test_a_restricted_field_has_to_be_encrypted() -> None:
    level = "<securityClassification>Restricted</securityClassification><type>Text</type>"
    fields = {
        "objects/Case/fields/Iban__c.field-meta.xml": xml("CustomField", level),
        "objects/Case/fields/Safe__c.field-meta.xml": xml(
            "CustomField", f"{level}<encryptionScheme>ProbabilisticEncryption</encryptionScheme>"
        ),
        "objects/Lead.object": xml(
            "CustomObject", f"<fields><fullName>Tax__c</fullName>{level}</fields>"
        ),
    }

    found = {finding.subject for finding in scanned(fields).findings}

    assert found == {"Case.Iban__c", "Lead.Tax__c"}


def test_flows_call_services_and_hold_addresses_and_secrets() -> None:
    flow = xml(
        "Flow",
        "<actionCalls><actionName>Models.complete</actionName><actionType>externalService</actionType>"
        "</actionCalls>\n<constants><name>ApiKey</name><value><stringValue>"
        f"{RANDOM}</stringValue></value></constants>\n<formulas><name>Url</name>"
        '<expression>"https://api.openai.com/" &amp; {!id}</expression></formulas>',
    )

    report = scanned({"flows/Ask.flow-meta.xml": flow})

    assert told(report) == [("egress-unknown", 3), ("secret", 4), ("llm-mentioned", 5)]


def test_an_outbound_message_sends_records_by_itself() -> None:
    message = (
        "<outboundMessages><fullName>Out</fullName><endpointUrl>https://in.acme.fr</endpointUrl>"
        "<includeSessionId>true</includeSessionId></outboundMessages>"
    )

    report = scanned({"workflows/Case.workflow": xml("Workflow", message)})

    assert {rule for rule, _ in told(report)} == {"egress-outside", "secret"}


def test_custom_metadata_and_labels_may_hold_secrets() -> None:
    values = f"<values><field>Key__c</field><value>{AWS_KEY}</value></values>"
    label = f"<labels><fullName>Token</fullName><value>{RANDOM}</value></labels>"

    report = scanned(
        {
            "customMetadata/Cfg.Prod.md-meta.xml": xml("CustomMetadata", values),
            "labels/CustomLabels.labels": xml("CustomLabels", label),
            "docs/readme.md": "# no metadata",
        }
    )

    assert [rule for rule, _ in told(report)] == ["secret", "secret"]
    assert report.files == 2


def test_settings_and_permission_sets_that_open_doors() -> None:
    off = "<enableAdminApprovedAppsOnly>false</enableAdminApprovedAppsOnly>"
    rights = "".join(
        f"<userPermissions><enabled>{on}</enabled><name>{name}</name></userPermissions>"
        for name, on in (("ModifyAllData", "true"), ("ViewAllData", "false"), ("RunFlow", "true"))
    )

    report = scanned(
        {
            "settings/ConnectedApp.settings-meta.xml": xml("ConnectedAppSettings", off),
            "permissionsets/Sync.permissionset-meta.xml": xml("PermissionSet", rights),
        }
    )

    assert {found.rule_id: found.subject for found in report.findings} == {
        "dangerous-permission": "Modify All Data",
        "api-access-open": "",
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<Flow><a></Flow>", "not well-formed"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><Flow>&a;</Flow>', "refused"),
        ("<Flow>" + "<a>" * 300 + "</a>" * 300 + "</Flow>", "nest deeper"),
    ],
)
def test_what_cannot_be_read_is_unknown_and_named(text: str, why: str) -> None:
    report = scanned({"flows/Bad.flow-meta.xml": text})

    assert [rule for rule, _ in told(report)] == ["unreadable"]
    assert why in report.findings[0].message
