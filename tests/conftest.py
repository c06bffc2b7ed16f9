"""How every test meets the database: as the console does, with the role that owns nothing.

The test database is created and migrated by its owner (`DATABASE_OWNER_URL`). Then the connection
changes to the role the console serves with, so that a missing GRANT, a missing row-level policy or
a forbidden UPDATE shows in the tests and not in production.

Tests that commit (`@pytest.mark.django_db(transaction=True)`, `transactional_db`, `live_server`)
are not cleaned up after: the serving role may not TRUNCATE, and the ledger refuses it to everyone,
so Django's flush is switched off. Such a test works in a tenant of its own with names of its own
and never counts rows outside it. pytest-django runs these tests after all that roll back.

`make test ARGS="tests/x.py -k name"` provides the servers; so does
`python -m console.dev test tests/x.py`.
"""

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache, caches
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import override_settings
from playwright._impl._driver import compute_driver_executable
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from apps.ledger import guard
from console.celery import app as celery_app
from console.dev import urls
from tests.cast import Cast, make_cast

pytest_plugins = ["tests.e2e.visiting"]  # one browser for all tests that use one

DRIVER_WANTS = "Playwright's driver does not start: apt-get install libatomic1"
# Without a window to draw, if the machine has it (Debian's package of that name): half the work.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ONLY_WHEN_ASKED = ("bench", "soak")
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _connect_as(variable: str) -> None:
    url = os.environ.get(variable)
    if not url:
        pytest.exit(f'{variable} is not set: run `make test ARGS="..."`, which provides servers.')
    connection.close()
    connection.settings_dict["USER"] = urls.user_of(url)
    connection.settings_dict["PASSWORD"] = urls.password_of(url)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The owner creates and migrates the test database."""
    _connect_as("DATABASE_OWNER_URL")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Every test then runs as the serving role; the owner removes the database at the end."""
    _guard_the_ledger()
    _connect_as("DATABASE_URL")
    yield
    _connect_as("DATABASE_OWNER_URL")


def _guard_the_ledger() -> None:
    """As a superuser does after migrating; a given server may have no superuser's login. A copy of
    the template is guarded already."""
    url = os.environ.get("DATABASE_ADMIN_URL")
    if url and not os.environ.get("TEST_DATABASE_TEMPLATE"):
        name = str(connection.settings_dict["NAME"])
        with psycopg.connect(urls.with_database(url, name), autocommit=True) as admin:
            admin.execute(guard.install_sql())


@pytest.fixture(scope="session", autouse=True)
def no_flush() -> Iterator[None]:
    """Tests that commit leave their rows (see the top of this file)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: None)
        yield


def _connection_as(variable: str) -> Iterator[psycopg.Connection]:
    url = os.environ.get(variable) or pytest.skip(f"{variable} names no login of this server")
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(urls.with_database(url, name)) as other:
        yield other
        if not other.closed:
            other.rollback()  # leaving the block would commit what a failed test left open


@pytest.fixture
def owner_connection(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A second connection, as the schema's owner, that sees only what was committed."""
    yield from _connection_as("DATABASE_OWNER_URL")


@pytest.fixture
def sequencer_connection(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A second connection, as the ledger's sequencer."""
    yield from _connection_as("DATABASE_SEQUENCER_URL")


@pytest.fixture
def migrator_connection(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A second connection, as the break-glass login for changes to the ledger's tables."""
    yield from _connection_as("DATABASE_MIGRATOR_URL")


@pytest.fixture
def retention_connection(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A second connection, as the login that may remove exported events."""
    yield from _connection_as("DATABASE_RETENTION_URL")


@pytest.fixture
def admin_connection(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A second connection, as a superuser, for tests that tamper."""
    yield from _connection_as("DATABASE_ADMIN_URL")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path; the test is skipped, and says so, on a machine that has none."""
    return _chromium() or pytest.skip("Chromium is not installed: apt-get install chromium")


@functools.cache
def _why_no_browser() -> str:
    """What browser tests lack on this machine; empty when they can run."""
    if not _chromium():
        return "Chromium is not installed: apt-get install chromium"
    driver, *_ = compute_driver_executable()
    starts = subprocess.run([driver, "--version"], capture_output=True, check=False)
    return "" if starts.returncode == 0 else DRIVER_WANTS


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip browser tests where there is no browser; leave out what only `-m` asks for.

    Browser tests come last: Playwright's event loop stays in this thread until the end, and what
    starts a loop of its own (sealing a pack) fails beside it. The longest of them takes its
    browser with it, and comes first, so that all others run beside it.
    """
    with_browser = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: _when(item, with_browser))
    reason = _why_no_browser()
    for item in items if reason else ():
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=reason))
    if config.option.markexpr:
        return
    left_out = [item for item in items if any(map(item.get_closest_marker, ONLY_WHEN_ASKED))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _when(item: pytest.Item, with_browser: set[Path]) -> int:
    """A file stays together, so one with a browser test is late as a whole."""
    if item.path.name == "test_main_job.py":
        return 0
    return 2 if item.path in with_browser else 1


@pytest.fixture(scope="session", autouse=True)
def own_broker() -> None:
    """Each of several test processes has a Valkey database of its own, as it has one in
    PostgreSQL: a worker that one of them starts must not take the other's tasks."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not name.startswith("gw"):
        return
    number = int(name.removeprefix("gw")) + 1
    own, broker = _numbered(os.environ["REDIS_URL"], number)
    os.environ.update(CACHE_URL=own, REDIS_URL=broker)  # for workers that a test starts
    django_settings.CACHES["default"]["LOCATION"] = django_settings.CACHE_URL = own
    caches["default"] = caches.create_connection("default")  # the one that imports opened
    django_settings.CELERY_BROKER_URL = broker
    celery_app.conf.update(broker_url=broker)


def _numbered(url: str, number: int) -> tuple[str, str]:
    """One server's database of that number, as the cache and as kombu write it."""
    if url.startswith("unix://"):
        socket = url.removeprefix("unix://")
        return f"{url}?db={number}", f"redis+socket://{socket}?virtual_host={number}"
    plain = re.sub(r"/\d*$", "", url)
    return f"{plain}/{number}", f"{plain}/{number}"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Passwords of the cast are hashed quickly; scrypt's cost is not what tests measure."""
    settings.PASSWORD_HASHERS = QUICK_HASHERS


@pytest.fixture(scope="session", autouse=True)
def static_files_when_asked_for() -> Iterator[None]:
    """WhiteNoise finds a static file when a page wants it; otherwise each of the thousands of test
    clients begins by listing all of them."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(scope="module")
def standing_cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Cast:
    """Committed once per file; its tests that roll back share it. Not for longer: tests of other
    files commit to what belongs to every tenant, such as positions of events."""
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
        return make_cast()


@pytest.fixture
def cast(standing_cast: Cast, db: None) -> Cast:
    """Two tenants and their people (see tests/cast.py), as they were before any test.

    A test that rolls back gets the file's standing ones, because making them costs more than
    most tests; one that commits gets its own.
    """
    if connection.in_atomic_block:
        cache.clear()  # sign-ins that failed are counted there, and nothing rolls it back
        return standing_cast.again()
    return make_cast()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options that write a committed table anew; read the diff before you commit it."""
    for option in ("--rewrite-permissions", "--rewrite-budgets"):
        parser.addoption(option, action="store_true", help=pytest_addoption.__doc__)
