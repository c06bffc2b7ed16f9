"""Fixtures of the ledger's tests."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from console.dev import urls
from tests.ledger import tampering


@pytest.fixture(scope="module")
def guards_off(django_db_setup: None) -> Iterator[None]:
    """Once for all tests of a file: each trigger off or on again is a change of the schema."""
    url = os.environ.get("DATABASE_ADMIN_URL") or pytest.skip("this server has no superuser here")
    name = str(connection.settings_dict["NAME"])
    with (
        psycopg.connect(urls.with_database(url, name), autocommit=True) as admin,
        tampering.guards_off(admin),
    ):
        yield
