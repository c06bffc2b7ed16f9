"""Reading the ledger in the browser and over the API."""

import pytest

from apps.common.clock import database_now
from apps.ledger import services as ledger
from apps.ledger.coded import words_of
from apps.ledger.models import Event
from tests.cast import Cast


def _some_events(cast: Cast, count: int) -> None:
    with cast.at_acme():
        for _ in range(count):
            ledger.record(
                actor=cast.alice,
                action="tenancy.member.added",
                target=cast.acme,
                at=database_now(),
            )


def test_events_show_who_and_what(cast: Cast) -> None:
    _some_events(cast, 1)
    answer = cast.client("otto").get("/ledger/")
    assert answer.status_code == 200
    assert b"Gave a person a role" in answer.content
    assert b"Alice" in answer.content
    assert cast.acme.name.encode() in answer.content.partition(b"<tbody")[2]
    own = cast.client("otto").get("/ledger/path/", {"thing": str(cast.acme.pk)})
    assert f"Path of {cast.acme.name}".encode() in own.content


def test_pages_follow_by_key_and_never_repeat(cast: Cast) -> None:
    _some_events(cast, 120)
    client, seen, url = cast.client("otto"), [], "/api/v1/ledger/events/"
    cursor = ""
    for _ in range(4):
        page = client.get(url, {"before": cursor}).json()
        seen += [row["id"] for row in page["results"]]
        cursor = page["next"]
        if not cursor:
            break
    with cast.at_acme():
        assert len(seen) == len(set(seen)) == Event.objects.count()


@pytest.mark.parametrize(
    "query",
    ["before=x", "before=%00", "since=soon", "until=2026-13-40", "target=%00", "action=%00"],
)
def test_a_damaged_address_gets_a_clear_message(cast: Cast, query: str) -> None:
    page = cast.client("otto").get(f"/ledger/?{query}")
    assert page.status_code == 400
    answer = cast.client("otto").get(f"/api/v1/ledger/events/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"]


def test_an_event_shows_its_bytes_and_that_they_match(cast: Cast) -> None:
    _some_events(cast, 1)
    with cast.at_acme():
        event = Event.objects.latest("at")
    answer = cast.client("otto").get(f"/ledger/{event.pk}/")
    assert b"Matches its hash" in answer.content
    assert cast.client("otto").get(f"/api/v1/ledger/events/{event.pk}/").json()["leaf"]


@pytest.mark.parametrize("path", ["/ledger/{}/", "/api/v1/ledger/events/{}/"])
def test_another_tenants_event_does_not_exist(cast: Cast, path: str) -> None:
    with cast.at_acme():
        event = Event.objects.latest("at")
    assert cast.client("mallory").get(path.format(event.pk)).status_code == 404


def test_an_operator_may_not_read_it_and_the_refusal_is_recorded(cast: Cast) -> None:
    assert cast.client("bob").get("/ledger/").status_code == 403
    with cast.at_acme():
        event = Event.objects.get(action="ledger.request.refused")
        assert event.actor == cast.bob.actor_ref
        assert event.target_id == "needs:ledger.read"


def test_pages_lead_back_as_well_as_on(cast: Cast) -> None:
    _some_events(cast, 120)
    client, url = cast.client("otto"), "/api/v1/ledger/events/"
    first = client.get(url).json()
    second = client.get(url, {"before": first["next"]}).json()
    back = client.get(url, {"after": second["previous"]}).json()
    assert [row["id"] for row in back["results"]] == [row["id"] for row in first["results"]]
    assert first["previous"] == ""
    assert b"Newer" in client.get("/ledger/", {"before": first["next"]}).content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("period=today", True),
        ("period=7d", True),
        ("kind=tenancy.tenant&action=tenancy.member.added", True),
        ("kind=crm.connection", False),
        ("until=2026-01-01", False),
        ("since=2026-01-01T10:30", True),
        ("actor=service:installer&action=tenancy.member.added&kind=tenancy.tenant", False),
    ],
)
def test_filters_narrow_by_kind_person_and_time(cast: Cast, query: str, found: bool) -> None:
    _some_events(cast, 1)
    page = cast.client("otto").get(f"/ledger/?{query}")
    assert (b"No events match" not in page.content) is found


def test_a_period_that_is_none_is_said_to_be_none(cast: Cast) -> None:
    page = cast.client("otto").get("/ledger/?period=7")
    assert page.status_code == 400
    assert "Choose one of: today, 7d, 30d." in page.content.decode()


def test_each_active_filter_can_be_taken_away(cast: Cast) -> None:
    page = cast.client("otto").get("/ledger/?period=7d&action=tenancy.member.added")
    words = page.content.decode()
    assert 'href="?action=tenancy.member.added" aria-current="true"' in words
    assert 'href="?period=7d" aria-current="true"' in words


def test_people_are_offered_by_name(cast: Cast) -> None:
    _some_events(cast, 1)
    words = cast.client("otto").get("/ledger/").content.decode()
    assert f'<option value="{cast.alice.actor_ref}">Alice</option>' in words
    assert '<option value="service:installer">Installer service</option>' in words
    assert '<optgroup label="Emergency access">' in words


def test_an_events_data_is_told_in_words_with_people_by_name(cast: Cast) -> None:
    with cast.at_acme():
        event = ledger.record(
            actor=cast.alice,
            action="tenancy.member.added",
            target=cast.acme,
            at=database_now(),
            data={"user": str(cast.bob.pk), "role": "operator", "org_requests": 1200},
        )
    words = cast.client("otto").get(f"/ledger/{event.pk}/").content.decode()
    assert "<dt>Person</dt>" in words and ">Bob</a>" in words
    assert "<dt>Org requests</dt><dd>1,200</dd>" in words
    assert "<dt>Role</dt><dd>Operator</dd>" in words


@pytest.mark.parametrize(
    ("target", "action", "key", "code", "words"),
    [
        ("reviews.item", "reviews.item.decided", "decision", "keep", "Keep"),
        ("breakglass.request", "breakglass.request.approved", "role", "it_approver", "IT approver"),
        (
            "breakglass.request",
            "breakglass.request.ended",
            "reason",
            "stopped",
            "Someone stopped it early",
        ),
        ("crm.connection", "crm.rights.given", "rights", "operate_connection", "Operate the org"),
        ("accounts.freshfactor", "accounts.factor.proved", "decision", "tenancy.member.add",
         "Gave a person a role"),
        ("gone.thing", "gone.thing.done", "state", "done", ""),
        ("rule", "ledger.request.refused", "rule", "needs:export", ""),
    ],
)  # fmt: skip
def test_codes_are_told_in_the_words_that_their_app_has(
    target: str, action: str, key: str, code: str, words: str
) -> None:
    assert words_of(key, code, target_type=target, action=action) == words


def test_the_exact_bytes_can_be_taken(cast: Cast) -> None:
    with cast.at_acme():
        event = Event.objects.latest("at")
    answer = cast.client("otto").get(f"/ledger/{event.pk}/raw/")
    assert ledger.leaf_hash(answer.content) == bytes(event.leaf)
    assert cast.client("mallory").get(f"/ledger/{event.pk}/raw/").status_code == 404
