"""The console's processes and the sandbox orgs: command lines, and how each shows it is ready."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from console.dev import child
from console.dev.child import Child
from console.dev.paths import PROJECT
from console.dev.ports import LOOPBACK

SECONDS_TO_START = 60
MANAGE = (sys.executable, str(PROJECT / "manage.py"))


@dataclass(frozen=True)
class Org:
    """A sandbox org: its process, and the file in which it describes itself once it serves."""

    child: Child
    description: Path

    def wait(self) -> None:
        """Wait until it has described itself."""
        self.child.wait_until(lambda: bool(described(self.description)), seconds=SECONDS_TO_START)


def described(path: Path) -> dict[str, Any]:
    """The JSON object in `path`, or nothing while it is not complete."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def start_org(
    name: str, *, port: int, llm_ports: tuple[int, ...], data: Path, env: Mapping[str, str]
) -> Org:
    """Start one sandbox org, over TLS, with as many model endpoints as ports are given."""
    state, description = data / f"sandbox-{name}", data / f"sandbox-{name}.json"
    description.unlink(missing_ok=True)
    description.touch(mode=0o600)  # it holds the org's keys
    state.mkdir(mode=0o700, exist_ok=True)
    command = [*MANAGE, "sandbox", "--port", str(port), "--tls", "--json"]
    command += ["--state", str(state), "--org", name]
    for llm_port in llm_ports:
        command += ["--llm-port", str(llm_port)]
    process = child.start(
        f"sandbox org {name}",
        command,
        env=env,
        log=log_file(data, f"sandbox-{name}"),
        output=description,
    )
    return Org(process, description)


def trust(orgs: list[Org], *, data: Path) -> dict[str, str]:
    """What the console must know to call the orgs: their authorities, and their hosts exactly."""
    bundle = data / "sandbox-ca.pem"
    facts = [described(org.description) for org in orgs]
    bundle.write_text("".join(Path(fact["ca"]).read_text() for fact in facts))
    models = [url for fact in facts for url in fact["llm_urls"]]
    return {
        "BAILIWICK_EXTRA_CA": str(bundle),
        "BAILIWICK_EXTRA_ORG_HOSTS": ",".join(urlsplit(fact["url"]).netloc for fact in facts),
        "BAILIWICK_EXTRA_ENDPOINT_HOSTS": ",".join(urlsplit(url).netloc for url in models),
    }


def start_web(port: int, *, data: Path, env: Mapping[str, str]) -> Child:
    """The web console under gunicorn's threads."""
    command = [sys.executable, "-m", "gunicorn", "console.wsgi", "--bind", f"{LOOPBACK}:{port}"]
    command += ["--config", "python:console.web"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8"]
    command += ["--access-logfile", "-"]
    return child.start("web console", command, env=env, log=log_file(data, "web"))


def start_worker(*, data: Path, env: Mapping[str, str]) -> Child:
    """The worker: two processes."""
    command = [sys.executable, "-m", "celery", "-A", "console", "worker", "--loglevel", "INFO"]
    command += ["--concurrency", "2", "--without-gossip", "--without-mingle"]
    return child.start("worker", command, env=env, log=log_file(data, "worker"))


def start_beat(*, data: Path, env: Mapping[str, str]) -> Child:
    """The clock that enqueues what is due."""
    command = [sys.executable, "-m", "celery", "-A", "console", "beat", "--loglevel", "INFO"]
    command += ["--pidfile", ""]
    return child.start("beat", command, env=env, log=log_file(data, "beat"))


def start_sequencer(*, data: Path, env: Mapping[str, str]) -> Child:
    """The process that gives the ledger's events their positions and signs its checkpoints."""
    command = [*MANAGE, "ledger_sequence"]
    return child.start("ledger sequencer", command, env=env, log=log_file(data, "sequencer"))


def answers_http(url: str) -> bool:
    """Whether anything answers there, whatever it says."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or LOOPBACK, parts.port, timeout=5)
    try:
        connection.request("GET", parts.path or "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def log_says(process: Child, words: str) -> bool:
    """Whether the process wrote these words."""
    return words in process.log.read_text(errors="replace")


def log_file(data: Path, name: str) -> Path:
    """Where a process of this name writes."""
    directory = data / "log"
    directory.mkdir(exist_ok=True)
    return directory / f"{name}.log"
