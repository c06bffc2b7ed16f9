"""Composite requests."""

from typing import Any

import requests

from tests.sandbox.client import DATA, OrgClient, log_in_as_app


def send(org: OrgClient, *parts: dict[str, Any], **more: Any) -> requests.Response:
    numbered = [{"referenceId": f"r{number}", **part} for number, part in enumerate(parts)]
    return org.send("POST", "/composite", json={"compositeRequest": numbered, **more})


def test_parts_are_answered_byte_for_byte(org: OrgClient) -> None:
    answer = org.send(
        "POST",
        "/composite",
        json={
            "compositeRequest": [
                {"referenceId": "a", "method": "GET", "url": f"{DATA}/sobjects/Foo"}
            ]
        },
        headers={"X-PrettyPrint": "1"},
    )
    assert answer.text == (
        '{\n  "compositeResponse" : [ {\n    "body" : [ {\n      "errorCode" : "NOT_FOUND",\n'
        '      "message" : "The requested resource does not exist"\n    } ],\n'
        '    "httpHeaders" : { },\n    "httpStatusCode" : 404,\n    "referenceId" : "a"\n  } ]\n}'
    )


def test_a_later_part_uses_an_earlier_answer(org: OrgClient) -> None:
    body = send(
        org,
        {"method": "POST", "url": f"{DATA}/sobjects/Case", "body": {"Subject": "One"}},
        {"method": "GET", "url": f"{DATA}/sobjects/Case/@{{r0.id}}"},
    ).json()
    assert body["compositeResponse"][1]["body"]["Subject"] == "One"


def test_all_or_none_undoes_every_part(org: OrgClient) -> None:
    body = send(
        org,
        {"method": "POST", "url": f"{DATA}/sobjects/Case", "body": {"Subject": "Gone"}},
        {"method": "POST", "url": f"{DATA}/sobjects/Case", "body": {"Nope": 1}},
        allOrNone=True,
    ).json()
    parts = body["compositeResponse"]
    assert [part["httpStatusCode"] for part in parts] == [400, 400]
    assert parts[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert org.rows("SELECT Id FROM Case WHERE Subject = 'Gone'") == []


def test_without_all_or_none_the_good_parts_stay(org: OrgClient) -> None:
    send(
        org,
        {"method": "POST", "url": f"{DATA}/sobjects/Case", "body": {"Subject": "Stays"}},
        {"method": "POST", "url": f"{DATA}/sobjects/Case", "body": {"Nope": 1}},
    )
    assert len(org.rows("SELECT Id FROM Case WHERE Subject = 'Stays'")) == 1


def test_more_than_25_parts_are_refused(org: OrgClient) -> None:
    parts = [{"method": "GET", "url": f"{DATA}/limits"}] * 26
    assert send(org, *parts).json()[0]["errorCode"] == "LIMIT_EXCEEDED"


def test_a_composite_counts_as_one_call(org: OrgClient) -> None:
    before = org.sandbox.state()["api_calls"]
    send(org, *[{"method": "GET", "url": f"{DATA}/limits"}] * 5)
    assert org.sandbox.state()["api_calls"] == before + 1


def test_a_part_may_do_no_more_than_its_user(org: OrgClient) -> None:
    heroku = log_in_as_app(org.sandbox, "Heroku Sync")
    body = send(heroku, {"method": "GET", "url": f"{DATA}/limits"}).json()
    assert body["compositeResponse"][0]["httpStatusCode"] == 403


def test_several_records_are_read_at_once_and_missing_ones_are_null(org: OrgClient) -> None:
    ids = [each["Id"] for each in org.rows("SELECT Id FROM Case ORDER BY CaseNumber LIMIT 2")]
    wanted = {"ids": [ids[0], "500Ma00000000zzAAA", ids[1]], "fields": ["CaseNumber"]}
    told = org.send("POST", "/composite/sobjects/Case", json=wanted).json()
    assert [each and each["CaseNumber"] for each in told] == ["00000001", None, "00000002"]
    query = {"ids": ",".join(ids), "fields": "Id,Nope"}
    refused = org.get("/composite/sobjects/Case", params=query)
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD"
    assert org.get("/composite/sobjects/Case", params={"ids": ids[0]}).status_code == 400
