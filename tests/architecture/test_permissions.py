"""The permission matrix: which roles reach which route, committed as a table and tried for real.

`permissions.json` says, for each route and method, what guards it and which roles come through.
A change of who may do what shows there as a difference. Regenerate with
`make test ARGS="tests/architecture/test_permissions.py --rewrite-permissions"` and read the diff.
"""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from apps.common.routes import PASSWORD_ONLY, PUBLIC, VERIFIED
from apps.tenancy.roles import POWERS
from tests.architecture.routes import METHODS, Route, all_routes
from tests.cast import ROLES, Cast

pytestmark = pytest.mark.timeout(400)  # every route there is, on whatever machine
TABLE = Path(__file__).with_name("permissions.json")
OPEN = {PUBLIC, PASSWORD_ONLY, VERIFIED}
ROUTES = [route for route in all_routes() if route.path != "signout/"]
# Values for path parameters that are no ids; ids are made up, so that nothing is found.
WORDS = {"role": "auditor", "object_name": "Case", "record_id": "500000000000001AAA"}


def _roles(policy: str) -> list[str]:
    if policy in OPEN:
        return [policy]
    return sorted(role for role, powers in POWERS.items() if policy in powers)


def _table() -> dict[str, dict[str, list[str]]]:
    table: dict[str, dict[str, list[str]]] = {}
    for route in all_routes():
        row = {
            f"{method} {policy}": _roles(policy)
            for method in METHODS
            if (policy := route.policy(method)) is not None
        }
        table[f"/{route.path}"] = row
    return table


def test_the_table_of_who_may_do_what_is_as_committed(request: pytest.FixtureRequest) -> None:
    text = json.dumps(_table(), indent=1, sort_keys=True) + "\n"
    if request.config.getoption("--rewrite-permissions"):
        TABLE.write_text(text, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == text


def _address(route: Route) -> str:
    made_up = {name: str(uuid.uuid4()) for kind, name in route.parameters if kind == "uuid"}
    words = {name: WORDS.get(name, "x") for kind, name in route.parameters if kind != "uuid"}
    numbers = {name: "1" for kind, name in route.parameters if kind == "int"}
    return route.url({**words, **numbers, **made_up})


@pytest.fixture
def clients(cast: Cast) -> dict[str, Client]:
    return {str(roles[0]): cast.client(name) for name, roles in ROLES.items()}


def _guarded(method: str) -> Iterator[tuple[Route, str]]:
    """Routes that ask for a power, each with it."""
    for route in ROUTES:
        policy = route.policy(method)
        if policy and policy not in OPEN and "\\" not in route.path and "(?" not in route.path:
            yield route, policy


def _wrong(client: Client, role: str, method: str, route: Route, policy: str) -> Iterator[str]:
    """What speaks against: a role without the power gets 403 and nothing else; one with it never
    does at the gate."""
    answer = client.generic(method, _address(route))
    refused_at_gate = answer.status_code == 403 and b"needs:" + policy.encode() in answer.content
    if refused_at_gate == (role in _roles(policy)) or answer.status_code >= 500:
        yield f"{method} /{route.path} as {role}: {answer.status_code}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_route_lets_in_who_has_the_power_and_nobody_else(
    clients: dict[str, Client], method: str
) -> None:
    """One role with the power and one without, by turns, so that a policy's routes meet them all;
    every role at every route is the long run."""
    turns: dict[str, int] = {}
    wrong: list[str] = []
    for route, policy in _guarded(method):
        turn = turns[policy] = turns.get(policy, -1) + 1
        with_it = [role for role in clients if role in _roles(policy)]
        without = [role for role in clients if role not in _roles(policy)]
        for kind in (with_it, without):
            if kind:
                role = kind[turn % len(kind)]
                wrong += _wrong(clients[role], role, method, route, policy)
    assert wrong == []


@pytest.mark.soak
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_role_at_every_route(clients: dict[str, Client], method: str) -> None:
    wrong: list[str] = []
    for route, policy in _guarded(method):
        for role, client in clients.items():
            wrong += _wrong(client, role, method, route, policy)
    assert wrong == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_passes_without_signing_in(cast: Cast, method: str) -> None:
    client = Client()
    for route in ROUTES:
        policy = route.policy(method)
        if policy is None or policy == PUBLIC or "(?" in route.path:
            continue
        answer = client.generic(method, _address(route))
        assert answer.status_code in {302, 401}, f"{method} /{route.path}: {answer.status_code}"
