"""Database and broker addresses as URLs that libpq, Django and kombu all read alike."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from console.dev.trouble import Trouble

SCHEMES = ("postgres", "postgresql")


def socket_url(*, user: str, password: str, database: str, directory: Path) -> str:
    """A PostgreSQL address on a Unix socket; `?host=` keeps the path's upper and lower case."""
    query = urlencode({"host": str(directory)}, safe="/")
    return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@/{database}?{query}"


def valkey_url(socket: Path) -> str:
    """A broker address on a Unix socket; the settings turn it into kombu's form."""
    return f"unix://{quote(str(socket))}"


def check(url: str, *, name: str) -> str:
    """The URL as given, or Trouble naming the variable and what the URL lacks."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise Trouble(f"{name} must begin with postgresql://, not {parts.scheme or 'nothing'}.")
    if not parts.username:
        raise Trouble(f"{name} names no user: write postgresql://USER:PASSWORD@HOST/DATABASE.")
    if not parts.path.strip("/"):
        raise Trouble(f"{name} names no database: write postgresql://USER:PASSWORD@HOST/DATABASE.")
    return url


def user_of(url: str) -> str:
    """The login name in a database URL."""
    return unquote(urlsplit(url).username or "")


def database_of(url: str) -> str:
    """The database's name in a database URL."""
    return unquote(urlsplit(url).path.lstrip("/"))


def with_login(url: str, *, user: str, password: str) -> str:
    """The same server and database under another login."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{host}"))


def with_database(url: str, database: str) -> str:
    """The same server and login, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))


def password_of(url: str) -> str:
    """The password in a database URL."""
    return unquote(urlsplit(url).password or "")
