"""A server that waits for its disk, migrated as the console's, and pgbench as its clients."""

import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from console.dev import postgres, processes, roles, urls
from console.dev.guarding import guard_ledger
from console.dev.paths import PROJECT
from tests.bench.ingest_sql import SCHEMA, script

FLUSHES = 200
FLOOR = 1_000  # µs
SECONDS = 3  # of which a new connection spends its first hundredths on plans


@dataclass(frozen=True)
class Server:
    """A durable server with the console's schema, and what one flush of its disk costs (µs)."""

    postgres: postgres.Postgres
    logins: roles.Logins
    state: Path
    flush: float

    def rate(self, way: str, *, clients: int, tenants: str) -> float:
        """Events per second that this many clients get committed."""
        path = self.state / "script.sql"
        path.write_text(script(way, tenants))
        command = [str(self.postgres.programs / "pgbench"), "-n", "-M", "simple", "-f", str(path)]
        size = ["-c", str(clients), "-j", str(min(clients, 4)), "-T", str(SECONDS)]
        done = subprocess.run(
            [*command, *size, "-h", str(self.postgres.sockets), "-U", roles.APP, roles.DATABASE],
            env={**os.environ, "PGPASSWORD": urls.password_of(self.logins.app)},
            check=True,
            capture_output=True,
            text=True,
        )
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        assert found and "number of failed transactions: 0 " in done.stdout, done.stdout
        return float(found[1])

    def wait_as_if(self, microseconds: int) -> None:
        """Have each group of commits wait this long before its flush.

        The one who flushes sleeps first and holds the lock that all others wait for, as they would
        for a slow disk (PostgreSQL, `commit_delay`).
        """
        with psycopg.connect(self.logins.admin, autocommit=True) as admin:
            admin.execute(f"ALTER SYSTEM SET commit_delay = {microseconds}")
            admin.execute("ALTER SYSTEM SET commit_siblings = 0")
            admin.execute("SELECT pg_reload_conf()")


@contextmanager
def durable_server() -> Iterator[Server]:
    """Such a server, gone afterwards with everything it wrote."""
    state = Path(tempfile.mkdtemp(prefix="bailiwick-bench-"))
    state.chmod(0o711)
    server = postgres.start(state)
    try:
        logins = roles.prepare(server.superuser_url, secret=lambda role: role)
        environment = {
            **os.environ,
            "BAILIWICK_ROLE": "owner",
            "DATABASE_OWNER_URL": logins.owner,
            "DATABASE_APP_ROLE": roles.APP,
            "DATABASE_SEQUENCER_ROLE": roles.SEQUENCER,
        }
        migrate = [*processes.MANAGE, "migrate", "--no-input"]
        subprocess.run(migrate, cwd=PROJECT, env=environment, check=True, capture_output=True)
        guard_ledger(logins)
        with psycopg.connect(logins.admin, autocommit=True) as admin:
            admin.execute(SCHEMA)
        yield Server(server, logins, state, _flush_time(state))
    finally:
        server.stop(mode="immediate")
        shutil.rmtree(state, ignore_errors=True)


def _flush_time(directory: Path) -> float:
    """The median of writing 8 kB to the server's disk and waiting for it, in µs."""
    took = []
    with (directory / "flush").open("wb", buffering=0) as file:
        file.write(bytes(8192))
        for _ in range(FLUSHES):
            file.seek(0)
            file.write(os.urandom(8192))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e6
