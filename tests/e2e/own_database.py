"""A database for one test that runs real workers: they must find nothing that other tests left."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg import sql

from console.dev import urls
from console.dev.template import drop_database


@contextmanager
def own_database() -> Iterator[str]:
    """An empty database, which this process uses meanwhile as the serving role; gone afterwards.

    Needs access to the database to be open (`django_db_blocker.unblock()`)."""
    name = f"house_{uuid.uuid4().hex[:8]}"
    template = sql.Identifier(os.environ.get("TEST_DATABASE_TEMPLATE") or "template1")
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _as_owner(create.format(sql.Identifier(name), template))
    before = connection.settings_dict["NAME"]
    try:
        _use(name)
        yield name
    finally:
        _use(str(before))
        drop_database(os.environ["DATABASE_OWNER_URL"], name)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _as_owner(statement: sql.Composed) -> None:
    url = urls.with_database(os.environ["DATABASE_OWNER_URL"], "postgres")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(statement)
