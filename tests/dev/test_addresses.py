"""Addresses handed to the console, and the sentences for addresses that cannot work."""

from pathlib import Path

import environ
import psycopg
import pytest

from console.dev import urls
from console.dev.trouble import Trouble


def test_a_socket_address_reads_alike_in_libpq_and_in_the_settings() -> None:
    url = urls.socket_url(
        user="console_app", password="p@ss/w:rd", database="bailiwick", directory=Path("/Run/Dir")
    )

    libpq = psycopg.conninfo.conninfo_to_dict(url)
    django = environ.Env.db_url_config(url)

    assert libpq == {
        "user": "console_app", "password": "p@ss/w:rd", "dbname": "bailiwick", "host": "/Run/Dir"
    }  # fmt: skip
    assert (django["USER"], django["PASSWORD"]) == ("console_app", "p@ss/w:rd")
    assert (django["NAME"], django["OPTIONS"]) == ("bailiwick", {"host": "/Run/Dir"})


def test_another_login_keeps_server_and_database() -> None:
    url = "postgresql://admin:old@db.example:5433/bailiwick?sslmode=require"

    changed = urls.with_login(url, user="console_owner", password="a b")

    assert changed == ("postgresql://console_owner:a%20b@db.example:5433/bailiwick?sslmode=require")
    assert urls.user_of(changed) == "console_owner"
    assert urls.password_of(changed) == "a b"
    assert urls.database_of(urls.with_database(changed, "template1")) == "template1"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://app@db/bailiwick", "must begin with postgresql://"),
        ("postgresql://db/bailiwick", "names no user"),
        ("postgresql://app@db", "names no database"),
    ],
)
def test_an_address_that_cannot_work_is_refused_by_name(url: str, words: str) -> None:
    with pytest.raises(Trouble, match=f"DATABASE_URL {words}"):
        urls.check(url, name="DATABASE_URL")
