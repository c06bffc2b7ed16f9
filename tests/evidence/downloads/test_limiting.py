"""An auditor who was limited to named packs sees those alone, by every route, and makes none."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.common.clock import database_now
from apps.evidence import selectors, services
from apps.evidence.models import Pack
from apps.ledger import selectors as ledger
from tests.architecture.routes import METHODS, Route, all_routes
from tests.cast import Cast, fresh_code
from tests.evidence.downloads.conftest import Ready


@pytest.fixture
def other(cast: Cast, ready: Ready) -> Pack:
    """A second pack, failed, so that trying again would be possible."""
    now = database_now()
    with cast.at_acme("otto") as otto:
        pack = services.request_pack(
            actor=otto, title="Merger", first=now.date(), last=now.date(), now=now
        )
        services.begin_building(pack_id=pack.pk, now=now)
        return services.fail(pack_id=pack.pk, trouble="No room left.", code="disk", now=now)


def _limit(cast: Cast, packs: list[Any] | None, *, who: str = "otto", by: str = "alice") -> Any:
    return cast.client(by).put(
        f"/api/v1/packs/readers/{cast.people[who].pk}/",
        {
            "packs": None if packs is None else [str(pack) for pack in packs],
            "code": fresh_code(cast.people[by]),
        },
        content_type="application/json",
    )


def _titles(client: Client) -> list[str]:
    return [each["title"] for each in client.get("/api/v1/packs/").json()]


def _told(cast: Cast, action: str) -> list[dict[str, Any]]:
    with cast.at_acme():
        return [ledger.data_of(event) for event in ledger.list_events(action=action)]


def _ways_to_a_pack() -> Iterator[tuple[Route, str]]:
    for route in all_routes():
        if "pack_id" in [name for _, name in route.parameters]:
            yield from ((route, method) for method in METHODS)


def test_only_the_named_packs_are_seen(cast: Cast, ready: Ready, other: Pack) -> None:
    otto = cast.client("otto")
    assert _titles(otto) == ["Merger", "Audit"]
    shown = _limit(cast, [ready.pack.pk])
    assert shown.status_code == 200
    assert shown.json()["packs"] == [{"id": str(ready.pack.pk), "title": "Audit"}]
    assert _titles(otto) == ["Audit"]
    page = otto.get("/packs/").content.decode()
    assert "Audit" in page and "Merger" not in page and "Make the pack" not in page
    assert otto.get(ready.page).status_code == 200
    told = {"user": str(cast.otto.pk), "packs": [str(ready.pack.pk)]}
    assert _told(cast, "evidence.reader.limited") == [told]


def test_no_route_leads_to_another_pack(cast: Cast, ready: Ready, other: Pack) -> None:
    """Every route that takes a pack's id, by every method."""
    _limit(cast, [ready.pack.pk])
    otto = cast.client("otto")
    values = {"pack_id": str(other.pk), "grant_id": str(uuid4())}
    tried = 0
    for route, method in _ways_to_a_pack():
        told = {"code": "123456"}
        answer = otto.generic(
            method,
            route.url(values),
            data=str(told).replace("'", '"'),
            content_type="application/json",
        )
        assert answer.status_code in {404, 405}, f"{method} {route}: {answer.status_code}"
        tried += answer.status_code == 404
    assert tried >= 8
    with cast.at_acme("otto"):
        other.refresh_from_db()
    assert other.state == Pack.State.FAILED


def test_who_is_limited_makes_no_packs(cast: Cast, ready: Ready) -> None:
    _limit(cast, [ready.pack.pk])
    otto, day = cast.client("otto"), str(database_now().date())
    asked = {"title": "All", "first": day, "last": day, "language": "de"}
    answers = [
        otto.post("/packs/", asked),
        otto.post("/packs/look/", asked),
        otto.post("/api/v1/packs/", asked, content_type="application/json"),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert b"limited-to-named-packs" in answer.content
    assert _titles(otto) == ["Audit"]


def test_a_link_to_another_pack_ends_with_the_limit(cast: Cast, ready: Ready, other: Pack) -> None:
    otto = cast.client("otto")
    link = ready.link(otto, cast.otto)
    _limit(cast, [other.pk])
    assert otto.get(link).status_code == 403
    assert _told(cast, "evidence.pack.downloaded") == []
    assert _limit(cast, None).json()["packs"] is None
    assert otto.get(link).status_code == 200
    assert len(_told(cast, "evidence.reader.unlimited")) == 1


def test_what_is_no_limit_is_refused_and_changes_nothing(cast: Cast, ready: Ready) -> None:
    refused = {"none at all": [], "a pack that is nowhere": [uuid4()], "the same as before": None}
    for name, packs in refused.items():
        answer = _limit(cast, packs)
        assert answer.status_code == 400, name
        assert answer.json()["errors"][0]["field"] == "packs", name
    assert _limit(cast, [ready.pack.pk], who="bob").status_code == 404
    assert _limit(cast, [ready.pack.pk], by="bob").status_code == 403
    assert _limit(cast, [ready.pack.pk], by="mallory").status_code == 404
    with cast.at_acme("otto") as otto:
        assert selectors.packs_named_to(otto) is None


def test_a_wrong_code_undoes_the_limit_and_its_entry(cast: Cast, ready: Ready) -> None:
    answer = cast.client("alice").post(
        f"/packs/readers/{cast.otto.pk}/",
        {"sees": "named", "packs": [str(ready.pack.pk)], "code": "000000"},
    )
    assert answer.status_code == 422
    assert _titles(cast.client("otto")) == ["Audit"]
    with cast.at_acme("otto") as otto:
        assert selectors.packs_named_to(otto) is None
    assert _told(cast, "evidence.reader.limited") == []


def test_an_admin_says_it_on_the_page(cast: Cast, ready: Ready, other: Pack) -> None:
    alice, url = cast.client("alice"), f"/packs/readers/{cast.otto.pk}/"
    assert b"sees every pack" in alice.get("/packs/readers/").content
    asked = {"sees": "named", "packs": [str(other.pk)], "code": fresh_code(cast.alice)}
    assert alice.post(url, asked)["Location"] == "/packs/readers/"
    page = alice.get("/packs/readers/").content.decode()
    assert "1 of 1 person who may export sees named packs alone" in page
    assert "Merger" in page and "Audit" not in page
    assert _titles(cast.client("otto")) == ["Merger"]


def test_nobody_widens_their_own_view(cast: Cast, ready: Ready) -> None:
    answer = cast.client("mallory").put(
        f"/api/v1/packs/readers/{cast.mallory.pk}/",
        {"packs": None, "code": fresh_code(cast.mallory)},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["rule"]) == (403, "own-packs")
