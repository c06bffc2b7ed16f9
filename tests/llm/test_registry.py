"""Registering endpoints: what is kept, checked, refused and hidden."""

from uuid import uuid4

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.common.errors import Denied, Invalid, NotFound
from apps.ledger import selectors as ledger
from apps.llm import selectors, services, tasks
from apps.llm.models import Endpoint
from tests.cast import Cast, fresh_code
from tests.llm.odd_server import answering
from tests.residency.made import a_zone

KEY = "sk-very-secret-key"


def register(cast: Cast, who: str = "alice", **other: object) -> Endpoint:
    with cast.at_acme("alice") as alice:
        zone = a_zone(alice, f"Zone {uuid4().hex[:6]}", "DE")
    values = {"name": "Model", "base_url": "https://llm.example.org", "zone_id": zone.pk}
    values |= {"model": "m", "api_key": KEY, **other}
    with cast.at_acme(who) as person:
        return services.register_endpoint(
            actor=person,
            code=fresh_code(person),
            now=database_now(),
            **values,  # type: ignore[arg-type]
        )


def check(cast: Cast, endpoint: Endpoint) -> Endpoint:
    tasks.check_endpoint(tenant_id=str(cast.acme.pk), endpoint_id=str(endpoint.pk))
    with cast.at_acme():
        return selectors.get_endpoint(endpoint_id=endpoint.pk)


def test_the_key_is_sealed_and_recorded_nowhere(cast: Cast) -> None:
    endpoint = register(cast)
    with cast.at_acme(), connection.cursor() as cursor:
        cursor.execute("select api_key from llm_endpoint where id = %s", [endpoint.pk])
        assert KEY.encode() not in bytes(cursor.fetchone()[0])
        assert selectors.get_endpoint(endpoint_id=endpoint.pk).api_key == KEY
        event = ledger.list_events(action="llm.endpoint.registered").get()
        assert KEY not in bytes(event.body).decode()


@pytest.mark.parametrize(
    ("body", "state", "words"),
    [
        ({"data": [{"id": "m"}, {"id": "n"}]}, "healthy", "offers 2 models"),
        ({"data": [{"id": "other"}]}, "failing", "no model m"),
        ({"nothing": 1}, "failing", "no data"),
        (b"<html>", "failing", "not JSON"),
    ],
)
def test_a_check_says_what_it_saw(
    cast: Cast, settings: Settings, body: object, state: str, words: str
) -> None:
    with answering(200, body) as (address, asked):  # type: ignore[arg-type]
        settings.EXTRA_ENDPOINT_HOSTS = [address.removeprefix("http://")]
        endpoint = check(cast, register(cast, base_url=address))
    assert (endpoint.state, asked) == (state, ["/v1/models"])
    assert words in endpoint.health and endpoint.checked_at is not None


def test_a_refused_key_is_said_with_what_to_do(cast: Cast, settings: Settings) -> None:
    with answering(401, {}) as (address, _asked):
        settings.EXTRA_ENDPOINT_HOSTS = [address.removeprefix("http://")]
        endpoint = check(cast, register(cast, base_url=address))
    assert endpoint.state == "failing" and "Replace the key" in endpoint.health


def test_an_operator_may_not_register(cast: Cast) -> None:
    with pytest.raises(Denied):
        register(cast, "bob")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"model": ""}, "model"),
        ({"api_key": ""}, "api_key"),
        ({"api_key": "a b"}, "api_key"),
        ({"base_url": "http://x"}, "base_url"),
    ],
)
def test_bad_input_names_its_field(cast: Cast, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        register(cast, "alice", **wrong)
    assert refused.value.field == field
    with cast.at_acme():
        assert not Endpoint.objects.exists()


def test_another_tenants_endpoint_and_zone_do_not_exist(cast: Cast) -> None:
    endpoint = register(cast)
    with cast.at_globex() as mallory:
        theirs = a_zone(mallory, "Theirs", "US")
        with pytest.raises(NotFound):
            selectors.get_endpoint_for(actor=mallory, endpoint_id=endpoint.pk)
        assert list(selectors.list_endpoints()) == []
    with pytest.raises(NotFound):
        register(cast, name="Another", zone_id=theirs.pk)


def test_the_pages_and_the_api_never_show_a_key(cast: Cast) -> None:
    register(cast)
    client = cast.client("alice")
    assert KEY not in client.get("/endpoints/").content.decode()
    assert "Model" in client.get("/endpoints/").content.decode()
    rows = client.get("/api/v1/endpoints/").json()["results"]
    assert rows[0]["name"] == "Model" and "api_key" not in rows[0]
    typed = {"name": "Another", "base_url": "http://x", "api_key": KEY}
    answer = client.post("/endpoints/register/", typed)
    assert answer.status_code == 422 and KEY not in answer.content.decode()
    assert 'value="Another"' in answer.content.decode()
    assert cast.client("otto").get("/endpoints/register/").status_code == 403


def test_the_api_registers_an_endpoint(cast: Cast) -> None:
    with cast.at_acme("alice") as alice:
        zone = a_zone(alice, "EU", "DE")
    body = {
        "name": "M", "base_url": "https://llm.example.org", "zone_id": str(zone.pk),
        "model": "m", "api_key": KEY, "code": fresh_code(cast.alice),
    }  # fmt: skip
    client = cast.client("alice")
    made = client.post("/api/v1/endpoints/", body, content_type="application/json")
    assert made.status_code == 201 and KEY not in made.content.decode()
    again = client.post("/api/v1/endpoints/", body, content_type="application/json")
    assert again.status_code == 400 and again.json()["errors"][0]["field"] == "name"


@pytest.mark.parametrize(("code", "field", "status"), [("", "code", 422), ("000000", "code", 422)])
def test_an_endpoint_takes_a_fresh_code(cast: Cast, code: str, field: str, status: int) -> None:
    with cast.at_acme("alice") as alice:
        zone = a_zone(alice, "EU", "DE")
    typed = {
        "name": "M", "base_url": "https://llm.example.org", "zone": str(zone.pk),
        "model": "m", "api_key": KEY, "code": code,
    }  # fmt: skip
    page = cast.client("alice").post("/endpoints/register/", typed)
    assert page.status_code == status
    assert f'id="id_{field}-error"' in page.content.decode()
    with cast.at_acme():
        assert not Endpoint.objects.exists()
