"""Another tenant's person tries every address of ours, with ids that really exist.

Mallory holds every role at Globex. For each route with parameters she is given the ids of Acme's
own objects and tries every method, with nothing and with what the forms and the API would take.
Nothing of Acme's may come back, and afterwards every row of Acme's is as it was. A route with a
parameter that `world.py` does not know fails here: add it to the world.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from apps.common.scope import scoped
from apps.residency.models import Zone
from tests.architecture.routes import METHODS, Route, all_routes
from tests.architecture.world import make_world
from tests.architecture.world_base import MARK, World
from tests.cast import Cast, code_for, forget_used_codes

ROUTES = [route for route in all_routes() if route.parameters and "(?" not in route.path]
COMMANDS = [
    route
    for route in all_routes()
    if not route.parameters and not route.path.startswith(("signout/", "signin/", "tenants/enter"))
]
REFUSED = {400, 401, 403, 404, 405, 409, 415, 422}
NOT_TAKEN = 405
# Reads of one thing that is not theirs: it does not exist, whatever their powers.
NOT_FOUND = {404}
# What answers a GET otherwise, and why.
OTHERWISE = {
    "api/v1/emergency/records/<str:object_name>/<str:record_id>/": {401},  # asks for the token
}

pytestmark = pytest.mark.timeout(400)  # every route there is, on whatever machine


@pytest.fixture
def acme(cast: Cast) -> World:
    return make_world(cast.acme, cast.alice, size=2)


@pytest.fixture
def mallory(cast: Cast, acme: World) -> Client:
    return cast.client("mallory")


def _tables() -> Iterator[str]:
    for model in apps.get_models():
        if any(field.name == "tenant" for field in model._meta.fields):
            yield model._meta.db_table


def _writes() -> dict[str, int]:
    """How many rows this transaction wrote in each table, undone ones included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables"
        )
        return {table: count for table, count in cursor.fetchall() if count}


def _state(world: World, tables: Iterable[str] | None = None) -> dict[str, tuple[int, str]]:
    """Rows and fingerprint of the tenant's tables; of all, unless some are named."""
    found = {}
    with scoped(tenant_id=world.tenant.pk, user_id=world.owner.pk), connection.cursor() as cursor:
        for table in _tables() if tables is None else tables:
            cursor.execute(
                f"select count(*), md5(coalesce(string_agg(t::text, '|' order by t::text), ''))"
                f' from "{table}" t where tenant_id = %s',
                [world.tenant.pk],
            )
            found[table] = cursor.fetchone()
    return found


def _plausible(cast: Cast, world: World) -> dict[str, Any]:
    """What forms and API bodies take, pointing at Acme's objects."""
    return {
        **world.values,
        "connection": world.values["connection_id"],
        "snapshot": world.values["snapshot_id"],
        "zone": world.values["zone_id"],
        "endpoint": world.values["endpoint_id"],
        "code": code_for(cast.mallory),
        "role": "legal_approver",
        "choice": "revoke",
        "decision": "revoke",
        "note": "Nobody needs it.",
        "reason": "Not tonight.",
        "name": "Mallory was here",
        "title": "Mallory was here",
        "email": cast.alice.email,
        "scopes": ["api"],
        "source_fields": ["Subject"],
        "fields": "Subject",
        "writeback_field": "Summary__c",
        "jurisdictions": "DE",
        "confirm": "yes",
        "due": "2099-12-31",
        "due_at": "2099-12-31T00:00:00Z",
        "first_date": "2020-01-01",
        "last_date": "2099-12-31",
        "api_key": "key",
    }


def _tries(client: Client, route: Route, cast: Cast, world: World) -> Iterator[tuple[str, Any]]:
    """Each method bare; those that the route takes with what they take, too."""
    url = route.url(world.values)
    forget_used_codes(cast.mallory)
    values = _plausible(cast, world)
    taken = set()
    for method in ("GET", "HEAD", *METHODS[1:]):
        answer = client.generic(method, url)
        if answer.status_code != NOT_TAKEN:
            taken.add(method)
        yield method, answer
    for method in sorted(taken & {*METHODS[1:]}):
        body = json.dumps(values)
        yield f"{method} (JSON)", client.generic(method, url, body, "application/json")
    if "POST" in taken:
        yield "POST (form)", client.post(url, values)


def _told(answer: Any) -> bool:
    """Whether the answer says anything that only Acme's rows hold."""
    return MARK.encode().lower() in b"".join(answer).lower()


def test_another_tenants_ids_open_nothing_and_change_nothing(
    cast: Cast, acme: World, mallory: Client
) -> None:
    before, wrong = _state(acme), []
    for route in ROUTES:
        missing = [name for _, name in route.parameters if name not in acme.values]
        assert not missing, f"/{route.path} has {missing}: add it to the world"
        expected = OTHERWISE.get(route.path, NOT_FOUND)
        for method, answer in _tries(mallory, route, cast, acme):
            status = answer.status_code
            if method == "GET" and status != 405 and status not in expected:
                wrong.append(f"{method} /{route.path}: {status}, not one of {expected}")
            if status not in REFUSED or _told(answer):
                wrong.append(f"{method} /{route.path}: {status}, told: {_told(answer)}")
    assert wrong == []
    changed = {table: rows for table, rows in _state(acme).items() if rows != before[table]}
    assert changed == {}


def test_another_tenants_ids_in_a_body_reach_nothing(
    cast: Cast, acme: World, mallory: Client
) -> None:
    """Routes without parameters, too: they may act in Globex, never on what lies in Acme."""
    before, wrong = _state(acme), []
    for route in COMMANDS:
        with transaction.atomic():  # undone below, so that her codes serve the next route
            written = _writes()
            wrong += _reached(mallory, f"/{route.path}", cast, acme)
            touched = {table for table, _ in _writes().items() - written.items()} & before.keys()
            if _state(acme, touched) != {table: before[table] for table in touched}:
                wrong.append(f"/{route.path} changed Acme's rows")
            transaction.set_rollback(True)
    assert wrong == []


def test_what_a_transaction_wrote_is_seen(acme: World) -> None:
    """The test above looks at these tables only."""
    written = _writes()
    with transaction.atomic(), scoped(tenant_id=acme.tenant.pk, user_id=acme.owner.pk):
        Zone.objects.filter(pk=acme.values["zone_id"]).update(name="moved")
        assert (_writes().items() - written.items()).pop()[0] == Zone._meta.db_table
        transaction.set_rollback(True)


def _reached(client: Client, url: str, cast: Cast, world: World) -> list[str]:
    answers = {
        "GET": client.get(url, _plausible(cast, world)),
        "POST (form)": client.post(url, _plausible(cast, world)),
        "POST (JSON)": client.post(url, _plausible(cast, world), "application/json"),
    }
    return [
        f"{method} {url}: {answer.status_code}"
        for method, answer in answers.items()
        if answer.status_code >= 500 or (method == "GET" and _told(answer))
    ]


def test_these_tries_succeed_at_home(cast: Cast, acme: World) -> None:
    """The same addresses answer the tenant's own people, so a 404 above means something."""
    client = cast.client("alice")
    found = [
        route.path for route in ROUTES if client.get(route.url(acme.values)).status_code == 200
    ]
    assert len(found) > 20
    before = _state(acme)
    client.post(f"/tokens/{acme.values['token_id']}/end/")
    assert _state(acme) != before
