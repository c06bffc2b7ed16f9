"""Queries over HTTP: what they find, and how they are refused."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import DATA, OrgClient, log_in_as_app

ADVICE = "Please reference your WSDL or the describe call for the appropriate names."


def test_an_unknown_object_is_refused_byte_for_byte(org: OrgClient) -> None:
    answer = org.query("select count() from XYZZY", headers={"X-PrettyPrint": "1"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.text == (
        '[ {\n  "message" : "\\nselect count() from XYZZY\\n                    ^\\n'
        "ERROR at Row:1:Column:21\\nsObject type 'XYZZY' is not supported. If you are attempting "
        "to use a custom object, be sure to append the '__c' after the entity name. "
        f'{ADVICE}",\n  "errorCode" : "INVALID_TYPE"\n}} ]'
    )


def test_an_unknown_field_is_refused_at_its_place(org: OrgClient) -> None:
    body = org.query("SELECT Id, Foo FROM Account").json()
    assert list(body[0]) == ["message", "errorCode"]
    assert body[0]["errorCode"] == "INVALID_FIELD"
    assert body[0]["message"].startswith(
        "\nSELECT Id, Foo FROM Account\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'Foo' on entity 'Account'."
    )


def test_an_unknown_relationship_is_refused(org: OrgClient) -> None:
    error = org.query("SELECT Id FROM Case WHERE Foo.Name = 'x'").json()[0]
    assert error["errorCode"] == "INVALID_FIELD"
    assert "Didn't understand relationship 'Foo' in field path" in error["message"]


def test_a_malformed_query_is_refused(org: OrgClient) -> None:
    assert org.query("SELECT FROM").json()[0]["errorCode"] == "MALFORMED_QUERY"


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("IsClosed = 'true'", "INVALID_FIELD"),
        ("CreatedDate > '2026-01-01'", "INVALID_FIELD"),
        ("Subject = 5", "INVALID_FIELD"),
        ("Description = 'x'", "INVALID_FIELD"),
        ("AccountId = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("Status INCLUDES ('New')", "INVALID_QUERY_FILTER_OPERATOR"),
    ],
)
def test_a_value_that_does_not_suit_its_field_is_refused(
    org: OrgClient, condition: str, code: str
) -> None:
    answer = org.query(f"SELECT Id FROM Case WHERE {condition}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_counting_answers_with_a_total_and_no_rows(org: OrgClient) -> None:
    answer = org.query("SELECT COUNT() FROM Case WHERE IsClosed = false")
    assert answer.json() == {"totalSize": 20, "done": True, "records": []}


def test_names_are_read_in_any_case_and_answered_as_they_are(org: OrgClient) -> None:
    row = org.rows("sElEcT id, casenumber, ACCOUNT.name fRoM cAsE WhErE subject LIKE '%CLAUSE%'")[0]
    assert list(row) == ["attributes", "Id", "CaseNumber", "Account"]
    assert row["attributes"]["url"] == f"{DATA}/sobjects/Case/{row['Id']}"
    assert row["Account"]["attributes"]["type"] == "Account"


def test_an_alias_qualifies_fields(org: OrgClient) -> None:
    rows = org.rows("SELECT c.Id, c.Account.Name FROM Case c WHERE c.Status = 'New' LIMIT 1")
    assert rows[0]["Account"]["Name"]


def test_an_empty_reference_is_null(org: OrgClient) -> None:
    assert org.rows("SELECT Parent.CaseNumber FROM Case LIMIT 1")[0]["Parent"] is None


def test_both_lengths_of_an_id_find_the_record(org: OrgClient) -> None:
    case_id = org.rows("SELECT Id FROM Case LIMIT 1")[0]["Id"]
    for given in (case_id, case_id[:15]):
        assert org.rows(f"SELECT Id FROM Case WHERE Id = '{given}'")[0]["Id"] == case_id


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Status IN ('New', 'Working')", 14),
        ("Status NOT IN ('Closed')", 20),
        ("NOT Status = 'Closed'", 20),
        ("ClosedDate = null", 20),
        ("ClosedDate != null AND IsClosed = true", 20),
        ("(Status = 'New' OR Status = 'Escalated') AND Priority != 'Medium'", 6),
        ("AccountId IN (SELECT Id FROM Account WHERE BillingCity = 'Berlin')", 8),
        ("CreatedDate = LAST_N_DAYS:400", 40),
        ("CreatedDate > TODAY", 0),
        ("CreatedDate < TOMORROW", 40),
        ("CreatedDate != LAST_N_DAYS:400", 0),
        ("ParentId = null", 40),
        ("CreatedDate >= 2020-01-01T00:00:00Z", 40),
        ("CreatedDate >= 2020-01-01", 40),
    ],
)
def test_conditions_find_what_they_say(org: OrgClient, condition: str, expected: int) -> None:
    answer = org.query(f"SELECT COUNT() FROM Case WHERE {condition}")
    assert answer.json()["totalSize"] == expected, answer.text


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("CreatedDate < TODAY", ["before"]),
        ("CreatedDate <= TODAY", ["before", "now"]),
        ("CreatedDate = TODAY", ["now"]),
        ("CreatedDate != TODAY", ["before", "after"]),
        ("CreatedDate >= TODAY", ["now", "after"]),
        ("CreatedDate > TODAY", ["after"]),
    ],
)
def test_a_date_literal_is_a_whole_day(org: OrgClient, condition: str, expected: list[str]) -> None:
    now = datetime.now(UTC)
    moments = {"before": now - timedelta(days=1), "now": now, "after": now + timedelta(days=1)}
    cases = [
        {"Subject": name, "Origin": "Fax", "CreatedDate": f"{moment:%Y-%m-%dT%H:%M:%S.000+0000}"}
        for name, moment in moments.items()
    ]
    org.sandbox.seed(records={"Case": cases})
    rows = org.rows(f"SELECT Subject FROM Case WHERE Origin = 'Fax' AND {condition}")
    assert [row["Subject"] for row in rows] == expected


def test_an_empty_field_is_like_nothing(org: OrgClient) -> None:
    org.sandbox.seed(records={"Case": [{"Subject": None, "Status": "New"}]})
    assert org.query("SELECT COUNT() FROM Case").json()["totalSize"] == 41
    assert org.query("SELECT COUNT() FROM Case WHERE Subject LIKE '%'").json()["totalSize"] == 40


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("INCLUDES ('Newsletter')", 4),
        ("INCLUDES ('Newsletter;Model training')", 2),
        ("INCLUDES ('Model training', 'Newsletter')", 6),
        ("EXCLUDES ('Newsletter')", 6),
    ],
)
def test_multiple_choices_are_matched_whole(org: OrgClient, condition: str, expected: int) -> None:
    answer = org.query(f"SELECT COUNT() FROM Contact WHERE Consent_Purposes__c {condition}")
    assert answer.json()["totalSize"] == expected, answer.text


def test_ordering_puts_empty_values_where_asked(org: OrgClient) -> None:
    soql = "SELECT ClosedDate FROM Case ORDER BY ClosedDate DESC NULLS"
    last = [row["ClosedDate"] for row in org.rows(f"{soql} LAST")]
    assert last[:20] == sorted(last[:20], reverse=True)
    assert last[20:] == [None] * 20
    assert org.rows(f"{soql} FIRST")[0]["ClosedDate"] is None


def test_offset_skips_and_is_limited(org: OrgClient) -> None:
    first = org.rows("SELECT Id FROM Case ORDER BY CaseNumber LIMIT 3")
    second = org.rows("SELECT Id FROM Case ORDER BY CaseNumber LIMIT 2 OFFSET 1")
    assert second == first[1:]
    refused = org.query("SELECT Id FROM Case OFFSET 2001")
    assert refused.json()[0]["errorCode"] == "NUMBER_OUTSIDE_VALID_RANGE"


def test_grouping_counts_each_group(org: OrgClient) -> None:
    rows = org.rows(
        "SELECT Status, COUNT(Id) total FROM Case GROUP BY Status "
        "HAVING COUNT(Id) > 6 ORDER BY COUNT(Id) DESC"
    )
    assert rows[0] == {"attributes": {"type": "AggregateResult"}, "Status": "Closed", "total": 20}
    assert {row["Status"] for row in rows} == {"Closed", "New", "Working"}


def test_children_come_inside_their_parent(org: OrgClient) -> None:
    row = org.rows("SELECT Name, (SELECT LastName FROM Contacts) FROM Account LIMIT 1")[0]
    assert row["Contacts"]["totalSize"] == 2


def test_all_fields_need_a_limit(org: OrgClient) -> None:
    refused = org.query("SELECT FIELDS(ALL) FROM Case").json()[0]
    assert refused == {
        "message": "The SOQL FIELDS function must have a LIMIT of at most 200",
        "errorCode": "MALFORMED_QUERY",
    }
    row = org.rows("SELECT FIELDS(ALL) FROM Case LIMIT 1")[0]
    assert {"LLM_Summary__c", "Matter_Number__c", "Description"} <= set(row)
    standard = org.rows("SELECT FIELDS(STANDARD) FROM Case LIMIT 1")[0]
    assert "LLM_Summary__c" not in standard


def test_pages_follow_each_other_to_the_end(org: OrgClient) -> None:
    cases = [{"Subject": f"Bulk {number}", "Status": "New"} for number in range(450)]
    org.sandbox.seed(records={"Case": cases})
    headers = {"Sforce-Query-Options": "batchSize=200"}
    answer = org.query("SELECT Id FROM Case", headers=headers).json()
    seen = [row["Id"] for row in answer["records"]]
    assert list(answer) == ["totalSize", "done", "nextRecordsUrl", "records"]
    assert answer["nextRecordsUrl"].endswith("-200")
    while not answer["done"]:
        answer = org.get(answer["nextRecordsUrl"]).json()
        seen += [row["Id"] for row in answer["records"]]
    assert len(seen) == len(set(seen)) == 490


def test_an_unknown_locator_is_refused(org: OrgClient) -> None:
    answer = org.get("/query/01gMa0000000099AAA-2000")
    assert (answer.status_code, answer.json()) == (
        400,
        [{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}],
    )


def test_another_user_cannot_follow_the_locator(org: OrgClient) -> None:
    org.sandbox.seed(tokens=600)
    url = org.query("SELECT Id FROM OauthToken").json()["nextRecordsUrl"]
    other = log_in_as_app(org.sandbox, "Heroku Sync")
    assert other.get(url).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_tokens_stop_at_2500_without_a_word_but_are_counted_in_full(org: OrgClient) -> None:
    org.sandbox.seed(tokens=6000)
    answer = org.query("SELECT Id FROM OauthToken").json()
    assert (answer["totalSize"], len(answer["records"])) == (2500, 500)
    seen = len(answer["records"])
    while not answer["done"]:
        answer = org.get(answer["nextRecordsUrl"]).json()
        seen += len(answer["records"])
    assert seen == 2500
    assert org.query("SELECT COUNT() FROM OauthToken").json()["totalSize"] == 6060


def test_a_user_without_the_permission_sees_own_tokens_only(org: OrgClient) -> None:
    sync = log_in_as_app(org.sandbox, "Heroku Sync")
    owners = {row["User"]["Username"] for row in sync.rows("SELECT User.Username FROM OauthToken")}
    assert owners == {"svc-heroku@acme-prod.example.com"}


def test_setup_objects_are_hidden_from_a_user_without_view_setup(org: OrgClient) -> None:
    sync = log_in_as_app(org.sandbox, "Heroku Sync")
    assert sync.query("SELECT Id FROM PermissionSet").json()[0]["errorCode"] == "INVALID_TYPE"


def test_deleted_records_are_for_query_all_only(org: OrgClient) -> None:
    summariser = log_in_as_app(org.sandbox, "Case Summariser")
    case_id = org.rows("SELECT Id FROM Case LIMIT 1")[0]["Id"]
    assert summariser.send("DELETE", f"/sobjects/Case/{case_id}").status_code == 204
    soql = f"SELECT Id, IsDeleted FROM Case WHERE Id = '{case_id}'"
    assert org.rows(soql) == []
    kept = org.get("/queryAll", params={"q": soql}).json()["records"]
    assert kept[0]["IsDeleted"] is True


def test_scope_flags_of_external_client_apps_can_be_read(org: OrgClient) -> None:
    rows = org.rows(
        "SELECT ExternalClientApplication.DeveloperName FROM ExtlClntAppOauthSettings "
        "WHERE OauthScopesFULL = true"
    )
    names = [row["ExternalClientApplication"]["DeveloperName"] for row in rows]
    assert names == ["Contract_Copilot"]


def test_who_may_modify_all_data_can_be_asked(org: OrgClient) -> None:
    rows = org.rows(
        "SELECT Assignee.Username, PermissionSet.IsOwnedByProfile FROM PermissionSetAssignment "
        "WHERE PermissionSet.PermissionsModifyAllData = true ORDER BY Assignee.Username"
    )
    found = {row["Assignee"]["Username"]: row["PermissionSet"]["IsOwnedByProfile"] for row in rows}
    assert found == {
        "jonas.weber@acme-prod.example.com": True,
        "marta.lindqvist@acme-prod.example.com": True,
        "svc-llm-sync@acme-prod.example.com": False,
    }


def test_a_query_without_a_token_is_refused(sandbox_org: RunningSandbox) -> None:
    answer = requests.get(f"{sandbox_org.url}{DATA}/query", params={"q": "x"}, timeout=10)
    assert answer.status_code == 401


def test_rows_are_grouped_and_found_by_parts_of_a_date(org: OrgClient) -> None:
    soql = (
        "SELECT CALENDAR_YEAR(CreatedDate) y, DAY_ONLY(CreatedDate) d, COUNT(Id) n FROM Case "
        "GROUP BY CALENDAR_YEAR(CreatedDate), DAY_ONLY(CreatedDate) "
        "ORDER BY DAY_ONLY(CreatedDate) DESC"
    )
    groups = org.rows(soql)
    assert sum(each["n"] for each in groups) == 40
    assert all(each["d"].startswith(str(each["y"])) for each in groups)
    assert [each["d"] for each in groups] == sorted((each["d"] for each in groups), reverse=True)
    day = groups[0]["d"]
    found = org.rows(f"SELECT Id FROM Case WHERE DAY_ONLY(CreatedDate) = {day}")
    assert len(found) == groups[0]["n"]
    assert org.rows("SELECT Id FROM Case WHERE CALENDAR_YEAR(CreatedDate) < 2001") == []
    wrong = org.query("SELECT COUNT(Id) FROM Case GROUP BY CALENDAR_YEAR(Subject)")
    assert "can only be used with a date" in wrong.json()[0]["message"]
    wrong = org.query("SELECT Id FROM Case WHERE COUNT(Id) > 2")
    assert wrong.json()[0]["errorCode"] == "MALFORMED_QUERY"


def test_sums_and_means_are_worked_out_by_group(writer: OrgClient) -> None:
    for name, number in (("Sum", 3), ("Sum", "5"), ("Other", 7)):
        row = {"Name": name, "Industry": "Energy", "NumberOfEmployees": number}
        assert writer.send("POST", "/sobjects/Account", json=row).status_code == 201
    soql = (
        "SELECT Name, SUM(NumberOfEmployees) s, AVG(NumberOfEmployees) a FROM Account "
        "WHERE NumberOfEmployees != null GROUP BY Name HAVING SUM(NumberOfEmployees) > 7 "
        "ORDER BY Name"
    )
    assert [(each["Name"], each["s"], each["a"]) for each in writer.rows(soql)] == [("Sum", 8, 4.0)]
