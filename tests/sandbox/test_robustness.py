"""Whatever comes in is answered; nothing makes the sandbox fail."""

import json
import string
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.client import DATA, OrgClient

SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
words = st.sampled_from(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "Id",
        "Name",
        "Status",
        "Account.Name",
        "Case",
        "Account",
        "(",
        ")",
        ",",
        "=",
        "!=",
        "<",
        "'x'",
        "5",
        "null",
        "true",
        "LIMIT",
        "OFFSET",
        "ORDER",
        "BY",
        "GROUP",
        "HAVING",
        "COUNT",
        "COUNT()",
        "MAX(Name)",
        "FIELDS(ALL)",
        "TODAY",
        "LAST_N_DAYS:5",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "ASC",
        "DESC",
        "NULLS",
        "FIRST",
        "LAST",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
case_fields = st.sampled_from(
    ["Subject", "Status", "AccountId", "IsEscalated", "SuppliedEmail", "OwnerId", "Id", "Nope"]
)


@SETTINGS
@given(parts=st.lists(words, max_size=14))
def test_any_run_of_words_is_a_query_or_a_refusal(org: OrgClient, parts: list[str]) -> None:
    answer = org.query("SELECT " + " ".join(parts))
    assert answer.status_code in {200, 400}, answer.text


@SETTINGS
@given(body=st.dictionaries(case_fields, values, max_size=4))
def test_any_record_is_written_or_refused(org: OrgClient, body: dict[str, Any]) -> None:
    answer = org.send("POST", "/sobjects/Case", data=json.dumps(body).encode())
    assert answer.status_code in {201, 400}, answer.text


@SETTINGS
@given(parts=st.lists(st.text(string.printable, min_size=1, max_size=8), max_size=5))
def test_any_path_is_answered(org: OrgClient, parts: list[str]) -> None:
    path = "/".join(quote(part, safe="") for part in ["sobjects", *parts])
    assert org.get(f"/{path}").status_code < 500


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/composite", b'{"compositeRequest": [1]}'),
        ("POST", "/composite", b"[" * 100_000),
        ("POST", "/sobjects/Case", b'{"Subject": "\\ud800"}'),
        ("POST", "/sobjects/Case", b"\xff\xfe"),
        ("PATCH", "/sobjects/Case/500Ma0000000001", b"null"),
        ("GET", "/query?q=SELECT+Id+FROM+Case+WHERE+CreatedDate=LAST_N_DAYS:99999999999", b""),
        ("GET", "/query?q=SELECT+Id+FROM+Case+LIMIT+-1", b""),
        ("GET", "/query/%00", b""),
        ("GET", "/apps/oauth/usage?page=-1", b""),
    ],
)
def test_known_oddities_are_answered(org: OrgClient, method: str, path: str, body: bytes) -> None:
    assert org.send(method, DATA + path, data=body).status_code < 500


def test_a_very_deep_query_is_refused(org: OrgClient) -> None:
    deep = "NOT " * 1500 + "Status = 'New'"
    error = org.query(f"SELECT Id FROM Case WHERE {deep}").json()[0]
    assert error == {"message": "SOQL statement is too complex", "errorCode": "MALFORMED_QUERY"}
