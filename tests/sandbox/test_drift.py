"""What changes in the org while nobody looks, and what an administrator does about it."""

import pytest

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import JWT_BEARER, OrgClient, ask_token, assertion, log_in_as_app

SETTINGS = "ExtlClntAppOauthSettings"


def widen(sandbox: RunningSandbox, **values: object) -> None:
    wanted = {"sobject": SETTINGS, "where": {"MasterLabel": "Nightly Import"}, "values": values}
    assert sandbox.admin("POST", "change", json=wanted) == {"changed": 1}


def test_scopes_that_drift_are_seen_and_are_in_the_next_token(org: OrgClient) -> None:
    widen(org.sandbox, OauthScopesFULL=True)
    labels = {
        row["MasterLabel"]
        for row in org.rows(f"SELECT MasterLabel FROM {SETTINGS} WHERE OauthScopesFULL = true")
    }
    assert labels == {"Nightly Import", "Contract Copilot"}


def test_a_token_without_the_api_scope_opens_nothing(org: OrgClient) -> None:
    widen(org.sandbox, OauthScopesAPI=False, OauthScopesWEB=True)
    answer = log_in_as_app(org.sandbox, "Nightly Import").get("/sobjects")
    assert answer.json() == [
        {
            "message": "This session is not valid for use with the REST API",
            "errorCode": "INVALID_SESSION_ID",
        }
    ]


def test_an_unknown_field_is_not_changed(sandbox_org: RunningSandbox) -> None:
    with pytest.raises(AssertionError, match="has no field Nope"):
        widen(sandbox_org, Nope=True)


def test_a_narrowed_permission_set_narrows_its_users(org: OrgClient) -> None:
    sync = log_in_as_app(org.sandbox, "Case Summariser")
    contacts = "SELECT Id FROM Contact"
    assert sync.query(contacts).status_code == 200
    found = org.rows("SELECT Id FROM PermissionSet WHERE PermissionsModifyAllData = true "
                     "AND IsOwnedByProfile = false")[0]["Id"]  # fmt: skip
    narrowed = {"PermissionsModifyAllData": False, "PermissionsViewAllData": False}
    assert org.send("PATCH", f"/sobjects/PermissionSet/{found}", json=narrowed).status_code == 204
    for row in org.rows(
        f"SELECT Id FROM ObjectPermissions WHERE ParentId = '{found}' AND SobjectType = 'Contact'"
    ):
        org.send("DELETE", f"/sobjects/ObjectPermissions/{row['Id']}")
    assert sync.query(contacts).json()[0]["errorCode"] == "INVALID_TYPE"
    assert sync.query("SELECT Id FROM Case").status_code == 200


def test_an_approved_permission_set_opens_the_app_to_its_users(org: OrgClient) -> None:
    signed = assertion(org.sandbox, sub="svc-heroku@acme-prod.example.com")
    form = {"grant_type": JWT_BEARER, "assertion": signed}
    assert ask_token(org.sandbox, **form).json()["error"] == "invalid_app_access"
    wanted = {
        "ParentId": org.rows("SELECT Id FROM PermissionSet WHERE Name = 'Heroku_Sync'")[0]["Id"],
        "SetupEntityId": org.rows(
            "SELECT Id FROM ExternalClientApplication WHERE MasterLabel = 'Bailiwick Console'"
        )[0]["Id"],
    }
    made = org.send("POST", "/sobjects/SetupEntityAccess", json=wanted).json()["id"]
    assert ask_token(org.sandbox, **form).status_code == 200
    org.send("DELETE", f"/sobjects/SetupEntityAccess/{made}")
    assert ask_token(org.sandbox, **form).json()["error"] == "invalid_app_access"


def test_a_change_to_access_is_in_the_audit_trail(org: OrgClient) -> None:
    found = org.rows(
        "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'LLM_Sync_Legacy'"
    )[0]["Id"]
    org.send("DELETE", f"/sobjects/PermissionSetAssignment/{found}")
    trail = org.rows("SELECT Action, Display, CreatedBy.Username FROM SetupAuditTrail "
                     "WHERE CreatedDate = TODAY")  # fmt: skip
    assert [(row["Action"], row["CreatedBy"]["Username"]) for row in trail] == [
        ("PermSetUnassign", org.sandbox.info["username"])
    ]
    assert "LLM Sync (legacy) for svc-llm-sync@" in trail[0]["Display"]


def test_the_past_shows_when_the_scopes_grew(org: OrgClient) -> None:
    trail = org.rows("SELECT Display FROM SetupAuditTrail WHERE CreatedDate = LAST_N_DAYS:30")
    assert [row["Display"] for row in trail] == [
        "Changed OAuth scopes of external client app Contract Copilot: added full"
    ]


def test_a_revoked_assignment_allows_nothing(org: OrgClient) -> None:
    copilot = log_in_as_app(org.sandbox, "Contract Copilot")
    assert copilot.query("SELECT Id FROM Case").status_code == 200
    assignment = org.rows(
        "SELECT Id FROM PermissionSetAssignment WHERE Assignee.Alias = 'svc-copi' "
        "AND PermissionSet.Name = 'Contract_Copilot_Runtime'"
    )[0]["Id"]
    wanted = {
        "sobject": "PermissionSetAssignment",
        "where": {"Id": assignment},
        "values": {"IsRevoked": True},
    }
    org.sandbox.admin("POST", "change", json=wanted)
    assert copilot.query("SELECT Id FROM Case").json()[0]["errorCode"] == "INVALID_TYPE"
