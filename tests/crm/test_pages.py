"""Orgs and snapshots in the browser and over the API."""

import re
from typing import Any

import pytest
from django.urls import reverse

from apps.common.clock import database_now
from apps.crm import services, tasks
from apps.crm.models import Connection, Snapshot
from apps.residency.models import Zone
from tests.cast import Cast, fresh_code
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(cast: Cast, sandbox: RunningSandbox) -> Connection:
    return orgs.check(cast, orgs.connect(cast, sandbox))


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def form_for(cast: Cast, sandbox: RunningSandbox, **other: str) -> dict[str, str]:
    with cast.at_acme():
        typed = orgs.typed_for(sandbox, orgs.make_zone(), **other)
    values = {name: getattr(typed, name) for name in typed.__slots__}
    return {**values, "code": fresh_code(cast.alice)}


def ask_for_snapshot(cast: Cast, connection: Connection) -> Snapshot:
    with cast.at_acme("bob") as bob:
        return services.take_snapshot(actor=bob, connection_id=connection.pk, now=database_now())


def read(cast: Cast, snapshot: Snapshot) -> None:
    tasks.read_snapshot(tenant_id=str(cast.acme.pk), snapshot_id=str(snapshot.pk))


def test_an_empty_list_explains_what_an_org_is(cast: Cast) -> None:
    page = cast.client("alice").get(reverse("crm:connections"))
    assert "Connect your first org" in text_of(page)
    assert "Connect your first org" not in text_of(
        cast.client("bob").get(reverse("crm:connections"))
    )


def test_connecting_ends_on_the_orgs_page_which_waits_for_the_check(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    alice = cast.client("alice")
    answer = alice.post(reverse("crm:connect"), form_for(cast, sandbox))
    assert answer.status_code == 302
    page = alice.get(answer["Location"])
    assert "Checking" in text_of(page)
    with cast.at_acme():
        connection = Connection.objects.get()
    health = reverse("crm:health", args=[connection.pk])
    assert "hx-get" in alice.get(health).content.decode()
    orgs.check(cast, connection)
    settled = alice.get(health)
    assert settled["HX-Refresh"] == "true"
    assert "hx-get" not in settled.content.decode()
    assert "Healthy" in text_of(alice.get(answer["Location"]))


def test_connecting_takes_a_fresh_code_and_forgets_the_key_of_a_refused_form(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    form = {**form_for(cast, sandbox), "code": "000000"}
    answer = cast.client("alice").post(reverse("crm:connect"), form)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'id="id_code-error"' in html and 'value="acme-prod"' in html
    assert "BEGIN PRIVATE" not in html
    with cast.at_acme():
        assert not Connection.objects.exists()


def test_a_refused_form_names_the_field_keeps_the_rest_and_forgets_the_secrets(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    form = form_for(cast, sandbox, host="https://acme.my.salesforce.com", client_secret="hidden")
    answer = cast.client("alice").post(reverse("crm:connect"), form)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Leave out https://" in html
    assert 'value="acme-prod"' in html
    assert "hidden" not in re.findall(r'value="([^"]*)"', html)
    assert "BEGIN" not in html.replace("-----BEGIN PRIVATE KEY----- to", "")
    with cast.at_acme():
        assert not Connection.objects.exists()


def test_the_page_of_a_failing_org_says_what_to_do(cast: Cast, sandbox: RunningSandbox) -> None:
    sandbox.fault("token_ip_restricted")
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    text = text_of(cast.client("alice").get(reverse("crm:connection", args=[connection.pk])))
    assert "login IP ranges" in text
    assert "Check again" in text
    assert "fails" in text_of(cast.client("alice").get(reverse("crm:connections")))


def test_a_snapshot_is_watched_and_then_read(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    bob = cast.client("bob")
    answer = bob.post(reverse("crm:take-snapshot", args=[connection.pk]))
    assert answer.status_code == 302
    assert "0 of 9" in text_of(bob.get(answer["Location"]))
    with cast.at_acme():
        snapshot = Snapshot.objects.get()
    progress = reverse("crm:snapshot-progress", args=[snapshot.pk])
    assert "hx-get" in bob.get(progress).content.decode()
    read(cast, snapshot)
    assert bob.get(progress)["HX-Refresh"] == "true"
    text = text_of(bob.get(answer["Location"]))
    assert "Complete" in text
    assert "OauthToken" in text
    assert "Last snapshot" in text_of(bob.get(reverse("crm:connection", args=[connection.pk])))


def test_rights_are_given_and_taken_on_the_orgs_page(cast: Cast, connection: Connection) -> None:
    alice = cast.client("alice")
    take = reverse("crm:take-rights", args=[connection.pk, cast.bob.pk])
    give = reverse("crm:give-rights", args=[connection.pk, cast.bob.pk])
    assert alice.post(take).status_code == 302
    refused = cast.client("bob").post(reverse("crm:take-snapshot", args=[connection.pk]))
    assert refused.status_code == 403
    assert alice.post(give).status_code == 302
    assert cast.client("bob").post(give).status_code == 403


def test_disconnecting_is_previewed_first(cast: Cast, connection: Connection) -> None:
    alice = cast.client("alice")
    address = reverse("crm:disconnect", args=[connection.pk])
    assert "Nothing has happened yet" in text_of(alice.get(address))
    assert orgs.reread(cast.acme.pk, connection).state == "healthy"
    alice.post(address)
    assert orgs.reread(cast.acme.pk, connection).state == "disconnected"
    assert cast.client("bob").post(address).status_code == 403
    page = alice.get(reverse("crm:connection", args=[connection.pk]))
    assert "Disconnected" in text_of(page)


def test_another_tenants_ids_are_answered_as_missing_on_every_route(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    snapshot = ask_for_snapshot(cast, connection)
    read(cast, snapshot)
    mallory = cast.client("mallory")
    ours, bob = connection.pk, cast.bob.pk
    pages = [
        reverse("crm:connection", args=[ours]),
        reverse("crm:health", args=[ours]),
        reverse("crm:disconnect", args=[ours]),
        reverse("crm:snapshot", args=[snapshot.pk]),
        reverse("crm:snapshot-progress", args=[snapshot.pk]),
        reverse("crm:api-connection", args=[ours]),
        reverse("crm:api-snapshots", args=[ours]),
        reverse("crm:api-snapshot", args=[snapshot.pk]),
    ]
    acts = [
        reverse("crm:check", args=[ours]),
        reverse("crm:disconnect", args=[ours]),
        reverse("crm:take-snapshot", args=[ours]),
        reverse("crm:give-rights", args=[ours, bob]),
        reverse("crm:take-rights", args=[ours, bob]),
        reverse("crm:api-snapshots", args=[ours]),
    ]
    assert {address: mallory.get(address).status_code for address in pages} == dict.fromkeys(
        pages, 404
    )
    assert {address: mallory.post(address).status_code for address in acts} == dict.fromkeys(
        acts, 404
    )
    assert orgs.reread(cast.acme.pk, connection).state == "healthy"
    assert "acme-prod" not in text_of(mallory.get(reverse("crm:connections")))


def test_roles_see_what_is_theirs(cast: Cast, connection: Connection) -> None:
    address = reverse("crm:connection", args=[connection.pk])
    for name, status in {"alice": 200, "bob": 200, "rita": 200, "otto": 200, "lena": 403}.items():
        assert cast.client(name).get(address).status_code == status, name
    assert cast.client("bob").get(reverse("crm:connect")).status_code == 403


def test_the_api_connects_lists_and_takes_snapshots(cast: Cast, sandbox: RunningSandbox) -> None:
    alice = cast.client("alice")
    made = alice.post(
        reverse("crm:api-connections"), form_for(cast, sandbox), content_type="application/json"
    )
    assert made.status_code == 201, made.content
    assert made.json()["state"] == "connecting"
    assert not {"private_key", "client_secret", "username"} & made.json().keys()
    with cast.at_acme():
        connection = Connection.objects.get()
    orgs.check(cast, connection)
    assert alice.get(reverse("crm:api-connections")).json()[0]["state"] == "healthy"
    address = reverse("crm:api-snapshots", args=[connection.pk])
    taken = alice.post(address)
    assert taken.status_code == 202
    assert alice.post(address).status_code == 409
    with cast.at_acme():
        snapshot = Snapshot.objects.get()
    read(cast, snapshot)
    detail = alice.get(reverse("crm:api-snapshot", args=[snapshot.pk])).json()
    assert detail["state"] == "complete"
    assert detail["token_count"] > 0
    assert {app["label"] for app in detail["apps"]} >= {"Contract Copilot", "Data Loader"}
    assert "DeleteToken" not in str(detail)
    assert alice.get(address).json()["results"][0]["id"] == str(snapshot.pk)


def test_the_api_says_which_field_is_wrong(cast: Cast, sandbox: RunningSandbox) -> None:
    for field, value in {"host": "10.0.0.1", "name": "a\x00b", "private_key": "x"}.items():
        with cast.at_acme():
            Zone.objects.all().delete()
        answer = cast.client("alice").post(
            reverse("crm:api-connections"),
            form_for(cast, sandbox, **{field: value}),
            content_type="application/json",
        )
        assert answer.status_code == 400, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"][0]["field"] == field
