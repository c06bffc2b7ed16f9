"""Collections and trees: many records in one call."""

from typing import Any

from tests.sandbox.client import OrgClient


def contact(last_name: str | None, **more: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Contact"}, "LastName": last_name, **more}


def contacts(writer: OrgClient, like: str) -> int:
    return len(writer.rows(f"SELECT Id FROM Contact WHERE LastName LIKE '{like}%'"))


def test_each_record_of_a_collection_stands_for_itself(writer: OrgClient) -> None:
    body = {"records": [contact("Brandt-One"), contact(None), contact("Brandt-Two")]}

    results = writer.send("POST", "/composite/sobjects", json=body).json()

    assert [each["success"] for each in results] == [True, False, True]
    assert results[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert contacts(writer, "Brandt-") == 2


def test_all_or_none_leaves_none(writer: OrgClient) -> None:
    body = {"allOrNone": True, "records": [contact("Brandt-One"), contact(None)]}

    results = writer.send("POST", "/composite/sobjects", json=body).json()

    assert [each["errors"][0]["statusCode"] for each in results] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert contacts(writer, "Brandt-") == 0


def test_records_are_changed_and_deleted_by_their_ids(writer: OrgClient) -> None:
    made = writer.send(
        "POST", "/composite/sobjects", json={"records": [contact("Brandt-A"), contact("Brandt-B")]}
    ).json()
    ids = [each["id"] for each in made]
    changes = [
        {"attributes": {"type": "Contact"}, "id": each, "LastName": "Vogt-C"} for each in ids
    ]

    changed = writer.send("PATCH", "/composite/sobjects", json={"records": changes}).json()
    gone = writer.send("DELETE", "/composite/sobjects", params={"ids": ids[0]}).json()

    assert [each["id"] for each in changed] == ids
    assert gone == [{"id": ids[0], "success": True, "errors": []}]
    assert contacts(writer, "Vogt-C") == 1


def test_more_than_two_hundred_are_refused(writer: OrgClient) -> None:
    body = {"records": [contact("Brandt")] * 201}

    answer = writer.send("POST", "/composite/sobjects", json=body)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


def test_a_tree_is_planted_whole(writer: OrgClient) -> None:
    row = {
        "attributes": {"type": "Account", "referenceId": "a"},
        "Name": "Vogt & Partner",
        "Contacts": {
            "records": [
                {"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "Vogt-T"}
            ]
        },
    }

    answer = writer.send("POST", "/composite/tree/Account", json={"records": [row]})

    assert answer.status_code == 201, answer.text
    account, person = answer.json()["results"]
    found = writer.rows(f"SELECT AccountId FROM Contact WHERE Id = '{person['id']}'")
    assert found[0]["AccountId"] == account["id"]


def test_of_a_tree_with_one_bad_leaf_nothing_stays(writer: OrgClient) -> None:
    row = {
        "attributes": {"type": "Account", "referenceId": "a"},
        "Name": "Lost & Partner",
        "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "c"}}]},
    }

    answer = writer.send("POST", "/composite/tree/Account", json={"records": [row]})

    assert answer.status_code == 400
    assert [each["referenceId"] for each in answer.json()["results"]] == ["c"]
    assert not writer.rows("SELECT Id FROM Account WHERE Name LIKE 'Lost%'")
