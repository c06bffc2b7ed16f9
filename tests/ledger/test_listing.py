"""Taking a list of events away: what is in it, who may, and what is refused."""

import csv
import io
import json
from typing import Any

import pytest
from django.test.client import MULTIPART_CONTENT

from apps.common.clock import database_now
from apps.ledger import listing
from apps.ledger import services as ledger
from apps.ledger.listing import _safe
from apps.ledger.models import Event
from apps.ledger.services import leaf_hash
from tests.cast import Cast, fresh_code

PAGE, API = "/ledger/list/", "/api/v1/ledger/events/export/"
ONLY = "?action=tenancy.member.added"


def some_events(cast: Cast, count: int = 3) -> None:
    with cast.at_acme("alice") as alice:
        for _ in range(count):
            ledger.record(
                actor=alice, action="tenancy.member.added", target=cast.acme, at=database_now()
            )


def told(cast: Cast) -> list[dict[str, Any]]:
    with cast.at_acme():
        rows = Event.objects.filter(action="ledger.list.exported")
        return [json.loads(bytes(row.body))["data"] for row in rows]


def test_the_table_holds_what_the_filter_finds(cast: Cast) -> None:
    some_events(cast)
    typed = {"form": "csv", "code": fresh_code(cast.otto)}
    answer = cast.client("otto").post(PAGE + ONLY, typed)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    with cast.at_acme():
        found = Event.objects.filter(action="tenancy.member.added").order_by("-at", "-id")
        assert [row["id"] for row in rows] == [str(event.pk) for event in found]
    assert {row["name"] for row in rows} >= {"Alice"}
    [kept] = told(cast)
    assert (kept["form"], kept["rows"], kept["filters"]) == ("csv", len(rows), ["action"])


def test_lines_hold_the_bytes_that_are_hashed(cast: Cast) -> None:
    some_events(cast)
    given = {"form": "jsonl", "code": fresh_code(cast.otto)}
    answer = cast.client("otto").post(API + ONLY, given, content_type="application/json")
    assert answer.status_code == 200
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert len(lines) >= 3
    assert all(leaf_hash(line["body"].encode()).hex() == line["leaf"] for line in lines)


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@a", " =1", "\t=1", "\uff1d1"])
def test_what_opens_a_formula_is_disarmed(words: str) -> None:
    assert _safe(words) == f"'{words}"
    assert _safe("500Hr00001") == "500Hr00001"


@pytest.mark.parametrize(
    ("address", "kind"), [(PAGE, MULTIPART_CONTENT), (API, "application/json")]
)
def test_a_wrong_code_takes_nothing(cast: Cast, address: str, kind: str) -> None:
    some_events(cast)
    given: Any = {"form": "csv", "code": "000000"}
    assert cast.client("otto").post(address, given, content_type=kind).status_code == 422
    assert told(cast) == []


@pytest.mark.parametrize(
    ("query", "form", "words"),
    [
        (ONLY, "xlsx", "Choose one of"),
        ("?request=x", "csv", "Write the id"),
        ("?target=nothing", "csv", "No events match"),
    ],
)
def test_bad_input_is_refused_in_words(cast: Cast, query: str, form: str, words: str) -> None:
    some_events(cast)
    typed = {"form": form, "code": fresh_code(cast.otto)}
    answer = cast.client("otto").post(PAGE + query, typed)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert told(cast) == []


def test_more_events_than_a_list_holds_are_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_events(cast)
    monkeypatch.setattr(listing, "MOST_ROWS", 2)
    typed = {"form": "csv", "code": fresh_code(cast.otto)}
    answer = cast.client("otto").post(PAGE + ONLY, typed)
    assert answer.status_code == 400
    assert "More than 2 events match" in answer.content.decode()


def test_it_takes_the_power_to_export_and_holds_no_other_tenants_events(cast: Cast) -> None:
    some_events(cast)
    typed = {"form": "csv", "code": fresh_code(cast.alice)}
    assert cast.client("alice").post(PAGE, typed).status_code == 403
    outside = cast.client("mallory").post(PAGE, {**typed, "code": fresh_code(cast.mallory)})
    assert str(cast.acme.pk) not in outside.content.decode()
