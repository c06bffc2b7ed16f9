"""How many queries each page and API read makes: committed, and the same for few rows or many.

Every route that answers GET is measured twice: in a tenant with three of everything and in one
with a dozen. A number that grows with the rows is a query per row. `query_budgets.json` holds the
numbers, so that a page that begins to ask more shows as a difference. Regenerate with
`make test ARGS="tests/architecture/test_query_budgets.py --rewrite-budgets"` and read the diff.
"""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.common.routes import PUBLIC
from apps.custody import remembering
from tests.architecture.routes import Route, all_routes
from tests.architecture.world import make_world
from tests.architecture.world_base import World
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.timeout(400)  # every route there is, on whatever machine
TABLE = Path(__file__).with_name("query_budgets.json")
FEW, MANY = 3, 12
# The schema describes the code and asks no tenant's rows; signing in and out is no reading.
# The log of logs is one for all tenants: whether it has entries is up to tests that ran before.
NOT_READS = (
    "signin/",
    "signout/",
    "api/schema/",
    "api/docs/",
    "tenants/enter/",
    "explore/jsi18n/",
    "api/v1/ledger/log/checkpoint/global",
)


def _reads() -> list[Route]:
    return [
        route
        for route in all_routes()
        if route.policy("GET") not in {None, PUBLIC}
        and not route.path.startswith(NOT_READS)
        and "(?" not in route.path
    ]


def _look(client: Client, url: str) -> int | None:
    """Queries of one look; None where GET reads nothing."""
    with CaptureQueriesContext(connection) as asked:
        status = client.get(url).status_code
    return len(asked) if status == 200 else None


def _queries(client: Client, url: str, expected: int | None) -> int | None:
    """Queries when what a process keeps is warm: the first look's if it is as warm as expected,
    else the second's."""
    first = _look(client, url)
    return first if first in {None, expected} else _look(client, url)


def _measure(cast: Cast, size: int, expected: dict[str, int]) -> dict[str, int]:
    world: World = make_world(cast.globex, cast.mallory, size=size)
    client = cast.client("mallory")
    paths = {f"/{each.path}": each.url(world.values) for each in _reads()}
    counts = {path: _queries(client, url, expected.get(path)) for path, url in paths.items()}
    return {path: count for path, count in counts.items() if count is not None}


@pytest.fixture(autouse=True)
def keys_held_throughout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key's row is looked at again every few seconds; which page that hits is chance."""
    monkeypatch.setattr(remembering, "CHECK_S", 3600.0)
    monkeypatch.setattr(remembering, "KEEP_S", 3600.0)


@pytest.fixture
def committed() -> dict[str, int]:
    counts: dict[str, int] = json.loads(TABLE.read_text(encoding="utf-8"))
    return counts


@pytest.fixture
def few(cast: Cast, committed: dict[str, int]) -> dict[str, int]:
    return _measure(cast, FEW, committed)


@pytest.fixture
def many(db: None, few: dict[str, int]) -> dict[str, int]:
    return _measure(make_cast(), MANY, few)


def test_no_page_asks_more_when_there_are_more_rows(
    few: dict[str, int], many: dict[str, int], request: pytest.FixtureRequest
) -> None:
    text = json.dumps(few, indent=1, sort_keys=True) + "\n"
    if request.config.getoption("--rewrite-budgets"):
        TABLE.write_text(text, encoding="utf-8")
    grows = {path: (few[path], many.get(path)) for path in few if few[path] != many.get(path)}
    assert grows == {}, f"queries with {FEW} and with {MANY} rows"
    assert few.keys() == many.keys()
    assert json.loads(TABLE.read_text(encoding="utf-8")) == few, (
        "read the diff of --rewrite-budgets"
    )
