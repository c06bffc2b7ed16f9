"""The console as it is run: gunicorn, worker and beat in processes of their own, beside a sandbox
org with two model endpoints over TLS, on a broker and a database of their own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.demo.orgs import Org, read_org
from console.dev import environment, ports, processes, urls, valkey
from console.dev.paths import PROJECT

SECONDS_TO_START = 60


@dataclass(frozen=True)
class House:
    """A running console and its org. `data` holds logs, keys and whatever the console writes."""

    url: str
    org: Org
    data: Path


@contextmanager
def open_house(data: Path, *, database: str) -> Iterator[House]:
    """Start everything on that empty database, load the demo's tenants without their story, and
    stop everything in the end."""
    with ExitStack() as stack:
        env = _environment(data, database, _broker(stack))
        (data / "static").mkdir()  # WhiteNoise warns without it
        orgs = _start_orgs(data, env, stack)
        if "TEST_DATABASE_TEMPLATE" not in env:  # a copy of the template is migrated already
            _manage(environment.as_owner(env), "migrate", "--no-input")
        for org in orgs:
            org.wait()
        env |= processes.trust(orgs, data=data)
        url = _start_console(data, env, stack)
        acme, globex = (str(org.description) for org in orgs)
        _manage(env, "load_demo", "--bare", "--acme-org", acme, "--globex-org", globex)
        yield House(url, read_org("acme", orgs[0].description), data)


def _start_orgs(data: Path, env: dict[str, str], stack: ExitStack) -> list[processes.Org]:
    """Begin both; the first comes with two model endpoints."""
    acme, globex, *models = ports.free_ports(4)
    found = [
        processes.start_org("acme", port=acme, llm_ports=tuple(models), data=data, env=env),
        processes.start_org("globex", port=globex, llm_ports=(), data=data, env=env),
    ]
    for org in found:
        stack.callback(org.child.end)
    return found


def _start_console(data: Path, env: dict[str, str], stack: ExitStack) -> str:
    """Web, worker, beat and sequencer; the address once it answers."""
    [port] = ports.free_ports(1)
    url = f"http://{ports.LOOPBACK}:{port}"
    console = processes.start_web(port, data=data, env=env)
    for child in (
        console,
        processes.start_worker(data=data, env=env),
        processes.start_beat(data=data, env=env),
        processes.start_sequencer(data=data, env=env),
    ):
        stack.callback(child.end)
    console.wait_until(lambda: processes.answers_http(f"{url}/signin/"), seconds=SECONDS_TO_START)
    return url


def _manage(env: dict[str, str], *arguments: str) -> None:
    """Run a Django command quietly; what it said shows when it fails."""
    command = [*processes.MANAGE, *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


LOGINS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_SEQUENCER_URL",
    "DATABASE_MIGRATOR_URL",
    "DATABASE_RETENTION_URL",
    "DATABASE_ADMIN_URL",
)


def _broker(stack: ExitStack) -> str:
    """A Valkey that no other test writes to: a worker must not meet what they left undone."""
    state = Path(tempfile.mkdtemp(prefix="bailiwick-e2e-"))
    stack.callback(shutil.rmtree, state, ignore_errors=True)
    state.chmod(0o711)  # as root, the server's own account must pass through
    server = valkey.start(state, durable=False)
    stack.callback(server.stop)
    return server.url


def _environment(data: Path, database: str, broker: str) -> dict[str, str]:
    """The test run's own, with these servers and a place of its own for files. Keys stay the same,
    because the test reads authenticators that the console has sealed."""
    logins = [name for name in LOGINS if os.environ.get(name)]
    return {
        **os.environ,
        **{login: urls.with_database(os.environ[login], database) for login in logins},
        "REDIS_URL": broker,
        "CACHE_URL": broker,
        "BAILIWICK_VAR": str(data),
    }
