"""The Tooling API: components with their source, definitions one by one, classified fields."""

from typing import Any

import pytest

from apps.sandbox.ids import to_18
from tests.sandbox.client import OrgClient, log_in_as_app


def tooling(org: OrgClient, soql: str) -> list[dict[str, Any]]:
    answer = org.get("/tooling/query", params={"q": soql})
    assert answer.status_code == 200, answer.text
    records: list[dict[str, Any]] = answer.json()["records"]
    return records


def code(org: OrgClient, path: str, soql: str) -> str:
    answer = org.get(path, params={"q": soql})
    assert answer.status_code == 400, answer.text
    return str(answer.json()[0]["errorCode"])


def test_the_version_in_force_of_each_flow_is_found(org: OrgClient) -> None:
    soql = "SELECT DeveloperName, ActiveVersionId, ActiveVersion.VersionNumber FROM FlowDefinition"
    flows = {each["DeveloperName"]: each for each in tooling(org, soql)}
    assert flows["Old_Export"]["ActiveVersionId"] is None
    assert flows["Summarise_Case"]["ActiveVersion"]["VersionNumber"] == 2
    wanted = flows["Summarise_Case"]["ActiveVersionId"]
    whole = tooling(org, f"SELECT FullName, Metadata FROM Flow WHERE Id = '{wanted}'")[0]
    assert whole["FullName"] == "Summarise_Case-2"
    assert whole["Metadata"]["actionCalls"][0]["actionType"] == "externalService"


def test_credentials_are_told_by_connect_without_what_they_hold(org: OrgClient) -> None:
    path = "/named-credentials"
    found = org.get(f"{path}/named-credential-setup").json()["namedCredentials"]
    told = {each["developerName"]: each for each in found}
    assert told["Payroll"]["type"] == "Legacy"
    assert told["Claude"]["calloutUrl"] == "https://api.anthropic.com"
    assert told["Claude"]["externalCredentials"] == [{"developerName": "Claude"}]
    held = org.get(f"{path}/external-credentials/Claude").json()
    assert held["relatedNamedCredentials"] == [{"developerName": "Claude"}]
    assert held["customHeaders"][0]["headerName"] == "x-api-key"
    assert org.get(f"{path}/external-credentials/Nobody").status_code == 404


def test_full_definitions_come_one_at_a_time(org: OrgClient) -> None:
    answer = org.get("/tooling/query", params={"q": "SELECT Id, Metadata FROM Flow"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "MALFORMED_QUERY")
    assert answer.json()[0]["message"].endswith("for retrieval. Result size: 3")


def test_components_tell_their_source(org: OrgClient) -> None:
    soql = (
        "SELECT FilePath, Source FROM LightningComponentResource "
        "WHERE LightningComponentBundle.DeveloperName = 'caseAssistant' AND Format = 'js'"
    )
    assert "api.mistral.ai" in tooling(org, soql)[0]["Source"]
    aura = "SELECT AuraDefinitionBundle.DeveloperName, DefType, Source FROM AuraDefinition"
    assert {each["DefType"] for each in tooling(org, aura)} == {"COMPONENT", "CONTROLLER"}
    page = tooling(org, "SELECT Name, Markup FROM ApexPage")[0]
    assert "<apex:page" in page["Markup"]


def test_what_only_the_tooling_api_tells_is_unknown_elsewhere(org: OrgClient) -> None:
    for name in ("Flow", "RemoteProxy", "LightningComponentResource"):
        assert code(org, "/query", f"SELECT Id FROM {name}") == "INVALID_TYPE"
    assert code(org, "/query", "SELECT Metadata FROM NamedCredential") == "INVALID_FIELD"
    assert org.get("/sobjects/Flow/describe").status_code == 404
    assert org.get("/tooling/sobjects/Flow/describe").status_code == 200


def test_the_scopes_and_limits_of_a_connected_app_are_in_its_metadata(org: OrgClient) -> None:
    soql = "SELECT Metadata FROM ConnectedApplication WHERE Name = 'HR Insights'"
    told = tooling(org, soql)[0]["Metadata"]
    assert told["oauthConfig"]["scopes"] == ["Full", "RefreshToken"]
    assert told["oauthPolicy"] == {"ipRelaxation": "BYPASS", "refreshTokenPolicy": "infinite"}


def test_where_named_credentials_lead_is_in_their_metadata(org: OrgClient) -> None:
    soql = "SELECT Endpoint, Metadata FROM NamedCredential WHERE DeveloperName = 'Claude'"
    found = tooling(org, soql)[0]
    assert found["Endpoint"] is None
    url = found["Metadata"]["namedCredentialParameters"][0]
    assert (url["parameterType"], url["parameterValue"]) == ("Url", "https://api.anthropic.com")
    service = tooling(org, "SELECT NamedCredentialReference.DeveloperName, Schema "
                           "FROM ExternalServiceRegistration")[0]  # fmt: skip
    assert service["NamedCredentialReference"]["DeveloperName"] == "Claude"


@pytest.mark.parametrize("path", ["/query", "/tooling/query"])
def test_the_classification_of_fields_is_told_by_object(org: OrgClient, path: str) -> None:
    soql = "SELECT QualifiedApiName FROM FieldDefinition"
    answer = org.get(path, params={"q": soql})
    assert "a filter on a reified column is required" in answer.json()[0]["message"]
    soql += (
        " WHERE EntityDefinition.QualifiedApiName = 'Contact'"
        " AND SecurityClassification = 'Restricted'"
    )
    rows = org.get(path, params={"q": soql}).json()["records"]
    assert [each["QualifiedApiName"] for each in rows] == ["MobilePhone"]


def test_encryption_is_in_describes_and_in_custom_fields(org: OrgClient) -> None:
    fields = org.get("/sobjects/Contact/describe").json()["fields"]
    assert [each["name"] for each in fields if each["encrypted"]] == ["MobilePhone"]
    soql = "SELECT Metadata FROM CustomField WHERE DeveloperName = 'Matter_Number'"
    told = tooling(org, soql)[0]["Metadata"]
    assert (told["securityClassification"], told["encryptionScheme"]) == ("Restricted", "None")


def test_addresses_within_the_answers_stay_within_the_tooling_api(org: OrgClient) -> None:
    record = tooling(org, "SELECT Id FROM ApexClass LIMIT 1")[0]
    assert record["attributes"]["url"].startswith("/services/data/v62.0/tooling/sobjects/ApexClass")
    assert org.get(record["attributes"]["url"]).json()["Id"] == record["Id"]


def _may_create(sobject: str, parent: str) -> dict[str, Any]:
    return {"SobjectType": sobject, "ParentId": parent, "PermissionsCreate": True}


def test_a_muting_set_takes_a_permission_from_a_group(org: OrgClient) -> None:
    group, muting, giving = (to_18(f"{each}Ma0000000zzz") for each in ("0PG", "0QM", "0PS"))
    user = org.rows("SELECT Id FROM User WHERE Alias = 'svc-copi'")[0]["Id"]
    seed = org.sandbox.seed
    seed(
        records={
            "PermissionSet": [{"Id": giving, "Name": "Set-up", "PermissionsViewSetup": True}],
            "PermissionSetGroup": [{"Id": group, "DeveloperName": "Readers"}],
            "PermissionSetGroupComponent": [
                {"PermissionSetGroupId": group, "PermissionSetId": giving}
            ],
            "PermissionSetAssignment": [{"PermissionSetGroupId": group, "AssigneeId": user}],
            "ObjectPermissions": [_may_create("Contact", giving)],
        }
    )
    copilot = log_in_as_app(org.sandbox, "Contract Copilot")
    somebody = {"LastName": "Somebody"}
    assert copilot.query("SELECT Id FROM PermissionSet").status_code == 200
    assert copilot.send("POST", "/sobjects/Contact", json=somebody).status_code == 201
    member = {"PermissionSetGroupId": group, "PermissionSetId": muting}
    quiet = {"Id": muting, "DeveloperName": "Quiet", "PermissionsViewSetup": True}
    seed(records={"MutingPermissionSet": [quiet], "PermissionSetGroupComponent": [member]})
    assert copilot.query("SELECT Id FROM PermissionSet").status_code == 400
    assert copilot.send("POST", "/sobjects/Contact", json=somebody).status_code == 201
    seed(records={"ObjectPermissions": [_may_create("Contact", muting)]})
    assert copilot.send("POST", "/sobjects/Contact", json=somebody).status_code == 400
    soql = "SELECT Id FROM MutingPermissionSet WHERE PermissionsViewSetup = true"
    assert [each["Id"] for each in org.rows(soql)] == [muting]


def test_an_external_client_app_tells_its_address_range(org: OrgClient) -> None:
    soql = (
        "SELECT StartIpAddress, EndIpAddress, "
        "ExtlClntAppOauthSettings.ExternalClientApplication.MasterLabel FROM "
        "ExtlClntAppOauthIpRange"
    )
    row = org.rows(soql)[0]
    app = row["ExtlClntAppOauthSettings"]["ExternalClientApplication"]
    assert (app["MasterLabel"], row["EndIpAddress"]) == ("Bailiwick Console", "198.51.100.255")


def test_what_is_classified_and_what_is_encrypted_is_told_of_each_field(org: OrgClient) -> None:
    of_contact = "EntityDefinition.QualifiedApiName = 'Contact'"
    soql = f"SELECT QualifiedApiName, IsEncrypted FROM EntityParticle WHERE {of_contact}"
    encrypted = {row["QualifiedApiName"] for row in tooling(org, soql) if row["IsEncrypted"]}
    described = org.get("/sobjects/Contact/describe").json()["fields"]
    assert encrypted == {row["name"] for row in described if row["encrypted"]} == {"MobilePhone"}
    assert code(org, "/query", "SELECT Id FROM EntityParticle") == "MALFORMED_QUERY"
