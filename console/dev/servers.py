"""The database and broker the console runs on: embedded ones, or those the environment names."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from console.dev import postgres, roles, urls, valkey
from console.dev.paths import server_directory
from console.dev.secret_files import kept_secret
from console.dev.signals import finish_undisturbed
from console.dev.trouble import Trouble

MAINTENANCE = ("postgres", "template0", "template1")
LEDGER_LOGINS = {
    "sequencer": "DATABASE_SEQUENCER_URL",
    "migrator": "DATABASE_MIGRATOR_URL",
    "retention": "DATABASE_RETENTION_URL",
    "admin": "DATABASE_ADMIN_URL",
}


@dataclass(frozen=True)
class Pulse:
    """A server that somebody should watch: is it there, and where does it write?"""

    name: str
    beats: Callable[[], bool]
    log: Path


@dataclass(frozen=True)
class Addresses:
    """Where the console finds its database, as each of its roles, and its broker."""

    database: roles.Logins
    redis: str
    pulses: tuple[Pulse, ...] = ()  # of the servers that are ours


@contextmanager
def running(
    data: Path, *, durable: bool = True, environ: Mapping[str, str] = os.environ
) -> Iterator[Addresses]:
    """Start what the environment does not name, keeping its files for `data`; stop it at the end.

    A server that was already running is used and left running.
    """
    with _both(server_directory(data), durable=durable, environ=environ) as addresses:
        yield addresses


@contextmanager
def throw_away(environ: Mapping[str, str] = os.environ) -> Iterator[Addresses]:
    """Servers for one test run: nothing waits for the disk, nothing is left behind."""
    state = Path(tempfile.mkdtemp(prefix="bailiwick-test-"))
    state.chmod(0o711)  # as root, the servers' own account must pass through
    try:
        with _both(state, durable=False, environ=environ) as addresses:
            yield addresses
    finally:
        shutil.rmtree(state, ignore_errors=True)


@contextmanager
def _both(state: Path, *, durable: bool, environ: Mapping[str, str]) -> Iterator[Addresses]:
    pulses: list[Pulse] = []
    with ExitStack() as stack:
        redis = environ.get("REDIS_URL", "")
        if not redis:
            broker = valkey.start(state, durable=durable)
            stack.callback(broker.stop)
            redis = broker.url
            pulses.append(Pulse("Valkey", broker.is_alive, state / "valkey.log"))
        else:
            require_broker(redis)
        if environ.get("DATABASE_URL"):
            logins = given_logins(state, environ, owner_creates_databases=not durable)
        else:
            server = postgres.start(state, durable=durable)
            if not server.was_running:
                stack.callback(server.stop, mode="fast" if durable else "immediate")
            pulses.append(Pulse("PostgreSQL", server.is_ready, server.data / "server.log"))
            logins = _prepare(server.superuser_url, state, owner_creates_databases=not durable)
        try:
            yield Addresses(logins, redis, tuple(pulses))
        finally:
            finish_undisturbed()


def require_broker(url: str) -> None:
    """Trouble unless the broker of REDIS_URL answers; a worker would wait for it in silence."""
    try:
        with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as broker:
            broker.ping()
    except (RedisError, ValueError) as failure:
        raise Trouble(f"REDIS_URL does not answer: {failure}") from failure


def given_logins(
    state: Path, environ: Mapping[str, str], *, owner_creates_databases: bool = False
) -> roles.Logins:
    """Both roles' addresses from DATABASE_URL, or Trouble saying which of the two is missing."""
    url = urls.check(environ["DATABASE_URL"], name="DATABASE_URL")
    owner = environ.get("DATABASE_OWNER_URL", "")
    if owner:
        return roles.Logins(
            app=url,
            owner=urls.check(owner, name="DATABASE_OWNER_URL"),
            **{role: _optional(name, environ) for role, name in LEDGER_LOGINS.items()},
        )
    if urls.database_of(url) in MAINTENANCE:
        raise Trouble(f"DATABASE_URL names {urls.database_of(url)}: name a database of its own.")
    try:
        able = roles.may_create_roles(url)
    except psycopg.OperationalError as failure:
        raise Trouble(f"DATABASE_URL does not answer: {failure}") from failure
    if not able:
        raise Trouble(
            f"DATABASE_OWNER_URL is missing: the login {urls.user_of(url)!r} of DATABASE_URL may "
            "not create roles. Give DATABASE_OWNER_URL for the role that owns the database, or a "
            "DATABASE_URL whose login may create roles."
        )
    return _prepare(
        url,
        state,
        database=urls.database_of(url),
        owner_creates_databases=owner_creates_databases,
    )


def _optional(name: str, environ: Mapping[str, str]) -> str:
    return urls.check(environ[name], name=name) if environ.get(name) else ""


def _prepare(
    admin_url: str,
    state: Path,
    *,
    database: str = roles.DATABASE,
    owner_creates_databases: bool,
) -> roles.Logins:
    return roles.prepare(
        admin_url,
        secret=lambda role: kept_secret(state / f"{role.rpartition('_')[2]}.password"),
        database=database,
        owner_creates_databases=owner_creates_databases,
    )
