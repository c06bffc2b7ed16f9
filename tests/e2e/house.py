"""The console as it is run: gunicorn, worker and beat in processes of their own, beside a sandbox
org with two model endpoints over TLS, a broker of their own, and the test run's database."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from apps.demo.orgs import Org, read_org
from console.dev import ports, processes, urls, valkey
from console.dev.child import Child
from console.dev.paths import PROJECT

SECONDS_TO_START = 60


@dataclass(frozen=True)
class House:
    """A running console and its org. `data` holds logs, keys and whatever the console writes."""

    url: str
    org: Org
    data: Path
    env: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a Django command in the console's environment; what it printed."""
        command = [*processes.MANAGE, *arguments]
        done = subprocess.run(
            command, cwd=PROJECT, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def log(self, name: str) -> str:
        """What one of the processes wrote."""
        return (self.data / "log" / f"{name}.log").read_text(errors="replace")


@contextmanager
def open_house(data: Path) -> Iterator[House]:
    """Start everything, load the demo's tenants without their story, stop everything."""
    with ExitStack() as stack:
        env = _environment(data, _broker(stack))
        (data / "static").mkdir()  # WhiteNoise warns without it
        web, model_1, model_2, org_port, other_port = ports.free_ports(5)
        acme = processes.start_org(
            "acme", port=org_port, llm_ports=(model_1, model_2), data=data, env=env
        )
        globex = processes.start_org("globex", port=other_port, llm_ports=(), data=data, env=env)
        for each in (acme, globex):
            stack.callback(each.child.end)
        for each in (acme, globex):
            each.wait()
        env |= processes.trust([acme, globex], data=data)
        console = processes.start_web(web, data=data, env=env)
        stack.callback(console.end)
        _start_background(data, env, stack)
        house = House(
            f"http://{ports.LOOPBACK}:{web}", read_org("acme", acme.description), data, env
        )
        house.manage(
            "load_demo",
            "--bare",
            *("--acme-org", str(acme.description), "--globex-org", str(globex.description)),
        )
        console.wait_until(
            lambda: processes.answers_http(f"{house.url}/signin/"), seconds=SECONDS_TO_START
        )
        yield house


def _start_background(data: Path, env: dict[str, str], stack: ExitStack) -> list[Child]:
    background = [
        processes.start_worker(data=data, env=env),
        processes.start_beat(data=data, env=env),
    ]
    for child in background:
        stack.callback(child.end)
    return background


def _broker(stack: ExitStack) -> str:
    """A Valkey that no other test writes to: a worker must not meet what they left undone."""
    state = Path(tempfile.mkdtemp(prefix="bailiwick-e2e-"))
    stack.callback(shutil.rmtree, state, ignore_errors=True)
    state.chmod(0o711)  # as root, the server's own account must pass through
    server = valkey.start(state, durable=False)
    stack.callback(server.stop)
    return server.url


def _environment(data: Path, broker: str) -> dict[str, str]:
    """The test run's own, with this broker and a place of its own for files. Keys stay the same,
    because the test reads authenticators that the console has sealed."""
    name = str(connection.settings_dict["NAME"])
    return {
        **os.environ,
        "DATABASE_URL": urls.with_database(os.environ["DATABASE_URL"], name),
        "REDIS_URL": broker,
        "BAILIWICK_VAR": str(data),
    }
