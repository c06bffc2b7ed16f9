"""Approvals, and the columns of a query."""

from typing import Any

from tests.sandbox.client import OrgClient, log_in_as_app

APPROVALS = "/process/approvals"


def ask(org: OrgClient, *requests: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    answer = org.send("POST", APPROVALS, json={"requests": list(requests)})
    return answer.status_code, answer.json()


def submission(org: OrgClient, **more: Any) -> dict[str, Any]:
    case = org.rows("SELECT Id FROM Case WHERE IsClosed = false LIMIT 1")[0]["Id"]
    approver = org.rows("SELECT Id FROM User WHERE Alias = 'svc-bail'")[0]["Id"]
    whole = {"actionType": "Submit", "contextId": case, "nextApproverIds": [approver]}
    return whole | {"comments": "please"} | more


def test_a_submitted_record_is_locked_until_it_is_approved(org: OrgClient) -> None:
    wanted = submission(org)
    status, told = ask(org, wanted)
    assert (status, told[0]["instanceStatus"], told[0]["success"]) == (200, "Pending", True)
    assert list(told[0]) == [
        "actorIds", "entityId", "errors", "instanceId", "instanceStatus", "newWorkitemIds",
        "success",
    ]  # fmt: skip
    path = f"/sobjects/Case/{wanted['contextId']}"
    refused = org.send("PATCH", path, json={"Priority": "High"})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "ENTITY_IS_LOCKED")
    item = told[0]["newWorkitemIds"][0]
    status, told = ask(org, {"actionType": "Approve", "contextId": item, "comments": "fine"})
    assert (status, told[0]["instanceStatus"], told[0]["newWorkitemIds"]) == (200, "Approved", [])
    assert org.send("PATCH", path, json={"Priority": "High"}).status_code == 204
    soql = "SELECT Status, (SELECT StepStatus, Comments FROM Steps) FROM ProcessInstance"
    (instance,) = org.rows(soql)
    steps = [(each["StepStatus"], each["Comments"]) for each in instance["Steps"]["records"]]
    assert steps == [("Started", "please"), ("Approved", "fine")]


def test_one_refused_request_takes_all_back(org: OrgClient) -> None:
    account = org.rows("SELECT Id FROM Account LIMIT 1")[0]["Id"]
    status, told = ask(org, submission(org), submission(org, contextId=account))
    assert (status, [each["success"] for each in told]) == (400, [False, False])
    codes = [each["errors"][0]["statusCode"] for each in told]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "NO_APPLICABLE_PROCESS"]
    assert org.rows("SELECT Id FROM ProcessInstance") == []


def test_what_is_pending_cannot_be_submitted_again(org: OrgClient) -> None:
    wanted = submission(org)
    ask(org, wanted)
    status, told = ask(org, wanted)
    assert (status, told[0]["errors"][0]["statusCode"]) == (400, "ALREADY_IN_PROCESS")


def test_only_who_is_asked_may_decide(org: OrgClient) -> None:
    item = ask(org, submission(org))[1][0]["newWorkitemIds"][0]
    stranger = log_in_as_app(org.sandbox, "Contract Copilot")
    status, told = ask(stranger, {"actionType": "Reject", "contextId": item})
    assert status == 400
    assert told[0]["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"


def test_the_processes_are_listed_by_object(org: OrgClient) -> None:
    told = org.get(f"{APPROVALS}/").json()["approvals"]
    assert [each["name"] for each in told["Case"]] == ["Case closure"]
    assert org.get("/process/rules").json() == {"rules": {}}


def test_the_columns_of_a_query_are_told_without_running_it(org: OrgClient) -> None:
    soql = "SELECT Id, Subject, Account.Owner.Name FROM Case"
    told = org.query(soql, headers={}).json()
    assert "columnMetadata" not in told
    told = org.get("/query", params={"q": soql, "columns": "true"}).json()
    assert (told["entityName"], told["keyPrefix"], told["idSelected"]) == ("Case", "500", True)
    account = told["columnMetadata"][2]
    assert (account["columnName"], account["foreignKeyName"]) == ("Account", "AccountId")
    assert account["joinColumns"][0]["joinColumns"][0]["columnName"] == "Name"
    grouped = "SELECT Status, COUNT(Id) n FROM Case GROUP BY Status"
    told = org.get("/query", params={"q": grouped, "columns": "true"}).json()
    assert told["groupBy"] is True
    assert [each["aggregate"] for each in told["columnMetadata"]] == [False, True]
    wrong = org.get("/query", params={"q": "SELECT Nope FROM Case", "columns": "true"})
    assert wrong.json()[0]["errorCode"] == "INVALID_FIELD"
