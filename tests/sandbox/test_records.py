"""Records: describe, create, change, delete, upsert, and events."""

import pytest
import requests

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import DATA, OrgClient, log_in_as_app

NOT_FOUND = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]


def a_case(org: OrgClient) -> str:
    return str(org.rows("SELECT Id FROM Case WHERE Status = 'New' LIMIT 1")[0]["Id"])


def test_a_created_record_is_answered_byte_for_byte(org: OrgClient) -> None:
    answer = org.send(
        "POST", "/sobjects/Case/", json={"Subject": "New"}, headers={"X-PrettyPrint": "1"}
    )
    case_id = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{DATA}/sobjects/Case/{case_id}"
    assert answer.text == f'{{\n  "id" : "{case_id}",\n  "success" : true,\n  "errors" : [ ]\n}}'


def test_a_summary_is_written_back_and_read(org: OrgClient) -> None:
    path = f"/sobjects/Case/{a_case(org)}"
    assert org.send("PATCH", path, json={"LLM_Summary__c": "Kurz."}).status_code == 204
    record = org.get(path).json()
    assert record["LLM_Summary__c"] == "Kurz."
    assert list(record)[:2] == ["attributes", "Id"]


def test_chosen_fields_only_are_answered(org: OrgClient) -> None:
    record = org.get(f"/sobjects/Case/{a_case(org)}", params={"fields": "subject,Status"}).json()
    assert list(record) == ["attributes", "Subject", "Status"]


def test_closing_a_case_closes_it(org: OrgClient) -> None:
    path = f"/sobjects/Case/{a_case(org)}"
    org.send("PATCH", path, json={"Status": "Closed"})
    record = org.get(path).json()
    assert record["IsClosed"] is True
    assert record["ClosedDate"].endswith("+0000")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Nope": 1}, "INVALID_FIELD"),
        ({"CaseNumber": "1"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Status": None}, "REQUIRED_FIELD_MISSING"),
        ({"AccountId": "x"}, "MALFORMED_ID"),
        ({"AccountId": "001Ma0000000099"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"SuppliedEmail": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ({"Subject": "x" * 256}, "STRING_TOO_LONG"),
        ({"IsEscalated": "yes"}, "JSON_PARSER_ERROR"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(
    org: OrgClient, values: dict[str, object], code: str
) -> None:
    path = f"/sobjects/Case/{a_case(org)}"
    before = org.get(path).json()
    answer = org.send("PATCH", path, json=values)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert org.get(path).json() == before


def test_a_missing_required_field_is_named(org: OrgClient) -> None:
    loader = log_in_as_app(org.sandbox, "Nightly Import")
    answer = loader.send("POST", "/sobjects/Account", json={"Phone": "1"})
    assert answer.json() == [
        {
            "message": "Required fields are missing: [Name]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["Name"],
        }
    ]


def test_a_body_that_is_not_json_is_refused(org: OrgClient) -> None:
    answer = org.send("POST", "/sobjects/Case", data=b"{nonsense")
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_a_malformed_id_is_told_with_its_field(org: OrgClient) -> None:
    answer = org.get("/sobjects/Case/123")
    assert answer.status_code == 400
    assert answer.json() == [
        {
            "message": "Case ID: id value of incorrect type: 123",
            "errorCode": "MALFORMED_ID",
            "fields": ["Id"],
        }
    ]


@pytest.mark.parametrize("path", ["/sobjects/Foo", "/sobjects/Case/500Ma0000000zzz", "/nothing"])
def test_what_does_not_exist_is_not_found(org: OrgClient, path: str) -> None:
    answer = org.get(path)
    assert (answer.status_code, answer.text) == (
        404,
        '[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]',
    )


def test_a_method_that_is_not_allowed_is_told(org: OrgClient) -> None:
    answer = org.send("PUT", "/sobjects/Case", json={})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")


def test_reading_is_not_a_licence_to_write(org: OrgClient) -> None:
    account = org.rows("SELECT Id FROM Account LIMIT 1")[0]["Id"]
    answer = org.send("PATCH", f"/sobjects/Account/{account}", json={"Phone": "1"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")


def test_a_deleted_record_is_gone(org: OrgClient) -> None:
    summariser = log_in_as_app(org.sandbox, "Case Summariser")
    path = f"/sobjects/Case/{a_case(org)}"
    assert summariser.send("DELETE", path).status_code == 204
    assert org.get(path).json() == NOT_FOUND
    again = summariser.send("DELETE", path)
    assert (again.status_code, again.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_an_assignment_taken_away_ends_what_it_allowed(org: OrgClient) -> None:
    copilot = log_in_as_app(org.sandbox, "Contract Copilot")
    assert copilot.rows("SELECT Id FROM Case LIMIT 1")
    assignment = org.rows(
        "SELECT Id FROM PermissionSetAssignment "
        "WHERE Assignee.Username = 'svc-copilot@acme-prod.example.com' "
        "AND PermissionSet.IsOwnedByProfile = false"
    )[0]["Id"]
    path = f"/sobjects/PermissionSetAssignment/{assignment}"
    assert org.send("DELETE", path).status_code == 204
    assert copilot.query("SELECT Id FROM Case").json()[0]["errorCode"] == "INVALID_TYPE"
    assert org.get(path).status_code == 404


def test_what_a_profile_brings_cannot_be_unassigned_but_changes_with_it(org: OrgClient) -> None:
    soql = (
        "SELECT Id, PermissionSet.Profile.Name FROM PermissionSetAssignment "
        "WHERE Assignee.Alias = 'esand' AND PermissionSet.IsOwnedByProfile = true"
    )
    held = org.rows(soql)[0]
    refused = org.send("DELETE", f"/sobjects/PermissionSetAssignment/{held['Id']}")
    assert refused.status_code == 403
    assert held["PermissionSet"]["Profile"]["Name"] == "Standard User"
    user = org.rows("SELECT Id FROM User WHERE Alias = 'esand'")[0]["Id"]
    profile = org.rows("SELECT Id FROM Profile WHERE Name = 'System Administrator'")[0]["Id"]
    org.send("PATCH", f"/sobjects/User/{user}", json={"ProfileId": profile})
    assert org.rows(soql)[0]["PermissionSet"]["Profile"]["Name"] == "System Administrator"


def test_an_assignment_can_be_given_once(org: OrgClient) -> None:
    user = org.rows("SELECT Id FROM User WHERE Alias = 'esand'")[0]["Id"]
    wanted = {
        "AssigneeId": user,
        "PermissionSetId": org.rows("SELECT Id FROM PermissionSet WHERE Name = 'Heroku_Sync'")[0][
            "Id"
        ],
    }
    path = "/sobjects/PermissionSetAssignment"
    assert org.send("POST", path, json=wanted).status_code == 201
    assert org.send("POST", path, json=wanted).json()[0]["errorCode"] == "DUPLICATE_VALUE"


def test_an_upsert_creates_once_and_then_changes(org: OrgClient) -> None:
    path = "/sobjects/Case/Matter_Number__c/M-9"
    created = org.send("PATCH", path, json={"Subject": "First"})
    assert (created.status_code, created.json()["created"]) == (201, True)
    changed = org.send("PATCH", path, json={"Subject": "Second"})
    assert (changed.status_code, changed.json()["created"]) == (200, False)
    assert changed.json()["id"] == created.json()["id"]
    assert org.get(path).json()["Subject"] == "Second"


def test_an_ambiguous_external_id_lists_its_records(org: OrgClient) -> None:
    twins = [{"Subject": "Twin", "Status": "New", "Matter_Number__c": "TWIN"}] * 2
    org.sandbox.seed(records={"Case": twins})
    answer = org.get("/sobjects/Case/Matter_Number__c/TWIN")
    assert answer.status_code == 300
    assert len(answer.json()) == 2


def test_a_describe_tells_every_field_in_the_platforms_order(org: OrgClient) -> None:
    whole = org.get("/sobjects/case/describe").json()
    assert list(whole) == sorted(whole)
    fields = {field["name"]: field for field in whole["fields"]}
    summary = fields["LLM_Summary__c"]
    assert list(summary) == sorted(summary)
    assert (summary["type"], summary["custom"], summary["filterable"]) == ("textarea", True, False)
    assert fields["AccountId"]["referenceTo"] == ["Account"]
    assert whole["urls"]["describe"] == f"{DATA}/sobjects/Case/describe"


def test_the_global_describe_lists_what_the_user_may_see(org: OrgClient) -> None:
    names = {each["name"] for each in org.get("/sobjects").json()["sobjects"]}
    assert {"Case", "OauthToken", "PermissionSet", "ExtlClntAppOauthSettings"} <= names
    heroku = log_in_as_app(org.sandbox, "Heroku Sync")
    seen = {each["name"] for each in heroku.get("/sobjects").json()["sobjects"]}
    assert "PermissionSet" not in seen


def test_a_published_event_can_be_read_back(org: OrgClient) -> None:
    answer = org.send("POST", "/sobjects/Access_Alert__e", json={"Level__c": "high"})
    body = answer.json()
    assert answer.status_code == 201
    assert body["errors"][0]["statusCode"] == "OPERATION_ENQUEUED"
    events = org.sandbox.admin("GET", "events?type=Access_Alert__e")["events"]
    assert [(each["id"], each["values"]) for each in events] == [(body["id"], {"Level__c": "high"})]


def test_versions_are_listed_without_a_token(sandbox_org: RunningSandbox) -> None:
    versions = requests.get(f"{sandbox_org.url}/services/data/", timeout=10).json()
    assert versions[-1] == {
        "label": "Summer '26",
        "url": "/services/data/v67.0",
        "version": "67.0",
    }
    labels = {each["version"]: each["label"] for each in versions}
    assert (labels["51.0"], labels["62.0"]) == ("Spring '21", "Winter '25")


@pytest.mark.parametrize("version", ["51.0", "59.0", "60.0", "62.0", "66.0", "67.0"])
def test_current_versions_have_a_root(org: OrgClient, version: str) -> None:
    root = org.get(f"/services/data/v{version}/").json()
    assert root["query"] == f"/services/data/v{version}/query"
    assert root["identity"].startswith(f"{org.sandbox.url}/id/{org.sandbox.info['org_id']}/")


@pytest.mark.parametrize(("version", "status"), [("30.0", 410), ("68.0", 404), ("x", 404)])
def test_other_versions_are_refused(org: OrgClient, version: str, status: int) -> None:
    assert org.get(f"/services/data/v{version}/sobjects").status_code == status


@pytest.mark.parametrize("path", ["//services//data/v62.0/limits/", "/services/data/v62.0/limits"])
def test_slashes_may_be_doubled_or_trailing(org: OrgClient, path: str) -> None:
    answer = requests.get(
        org.sandbox.url + path, headers={"Authorization": f"Bearer {org.token}"}, timeout=10
    )
    assert answer.status_code == 200


def test_the_request_id_comes_back(org: OrgClient) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = org.get("/limits", headers={"X-SFDC-REQUEST-ID": trace})
    assert answer.headers["X-SFDC-REQUEST-ID"] == trace
