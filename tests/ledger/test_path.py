"""The whole path of a thing: events about it, and events about others that name it."""

from collections.abc import Iterator

import pytest

from apps.common.clock import database_now
from apps.ledger import kin, selectors
from apps.ledger import services as ledger
from apps.ledger.kin import Trace
from apps.ledger.models import Event
from tests.cast import Cast

RECORD = "500Hr00001zzZZZIA2"


def _told(cast: Cast, **data: str) -> Event:
    return ledger.record(
        actor=cast.alice,
        action="tenancy.member.added",
        target=cast.acme,
        at=database_now(),
        data=data,
    )


@pytest.fixture
def tenant_tells(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(thing: str) -> Iterator[Trace]:
        yield Trace(str(cast.acme.pk), naming=thing)

    monkeypatch.setattr(kin, "_finders", [find])


@pytest.mark.usefixtures("tenant_tells")
def test_a_record_is_followed_into_events_that_name_it(cast: Cast) -> None:
    with cast.at_acme():
        told = _told(cast, record=RECORD)
        other = _told(cast, record="500Hr00001yyYYYIA2")
        assert list(selectors.list_path(RECORD)) == [told]
    page = cast.client("otto").get("/ledger/path/", {"thing": RECORD}).content.decode()
    assert str(told.pk) in page
    assert str(other.pk) not in page
    elsewhere = cast.client("mallory").get("/ledger/path/", {"thing": RECORD}).content.decode()
    assert "Nothing is recorded about this id" in elsewhere


def test_the_path_of_a_thing_is_all_about_it(cast: Cast) -> None:
    with cast.at_acme():
        count = Event.objects.filter(target_id=str(cast.acme.pk)).count()
        assert selectors.list_path(str(cast.acme.pk)).count() == count > 0


@pytest.mark.parametrize("thing", ["%00", "x" * 81])
def test_a_damaged_id_gets_a_clear_message(cast: Cast, thing: str) -> None:
    page = cast.client("otto").get(f"/ledger/path/?thing={thing}")
    assert page.status_code == 400
    assert b"The id" in page.content


def test_without_an_id_the_page_says_what_it_is_for(cast: Cast) -> None:
    assert b"Give the id of anything" in cast.client("otto").get("/ledger/path/").content
