"""Putting the sandbox together and running it."""

import argparse
import asyncio
import json
import socket
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apps.sandbox.edge import Edge
from apps.sandbox.llm.surface import MODELS, Endpoint
from apps.sandbox.oauth.consumers import consumer_of_app
from apps.sandbox.options import add_arguments
from apps.sandbox.org import Org
from apps.sandbox.seed.plant import ORGS, plan_of, plant
from apps.sandbox.server import HOST, PortBusy, listen, new_server, run_servers
from apps.sandbox.state import StateUnusable, state_directory
from apps.sandbox.store import Store
from apps.sandbox.surface import org_surface
from apps.sandbox.tls import private_key_at, self_signed, server_chain

JWT_APP = "Bailiwick Console"


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Paths of the key material in the state directory."""

    jwt_key: Path
    jwt_certificate: Path
    ca: Path | None = None
    chain: tuple[Path, Path] | None = None


def main(arguments: list[str] | None = None) -> int:
    """Run from a command line. The answer is the exit status."""
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    add_arguments(parser)
    options = parser.parse_args(arguments)
    return launch(
        port=options.port,
        tls=options.tls,
        as_json=options.json,
        state=options.state,
        org_key=options.org,
        llm_ports=options.llm_port,
    )


def launch(
    *, port: int, tls: bool, as_json: bool, state: Path | None, org_key: str, llm_ports: list[int]
) -> int:
    """Serve until told to stop. 0 after a clean stop, 1 when a port or the state is taken."""
    try:
        listeners = [listen(each) for each in (port, *llm_ports)]
        with state_directory(state, org_key=org_key) as directory:
            _run(directory, listeners, tls=tls, as_json=as_json, org_key=org_key)
    except (PortBusy, StateUnusable) as taken:
        print(taken, file=sys.stderr)
        return 1
    return 0


def _run(
    directory: Path, listeners: list[socket.socket], *, tls: bool, as_json: bool, org_key: str
) -> None:
    now = datetime.now(UTC)
    keys = _keys(directory, org_key, tls=tls, now=now)
    certificate = keys.jwt_certificate.read_text()
    urls = [f"{'https' if tls else 'http'}://{_host(tls)}:{_port(each)}" for each in listeners]
    store = Store(directory / f"{org_key}.sqlite3")
    org = Org(spec=ORGS[org_key][0], store=store, base_url=urls[0])
    plant(org, certificate=certificate, now=now)
    apps = [Edge(org_surface(org, certificate=certificate), faults=org.faults, clock=org.clock)]
    for _ in listeners[1:]:
        endpoint = Endpoint(api_key=org.setting("llm_api_key"), admin_key=org.setting("admin_key"))
        apps.append(Edge(endpoint.serve, faults=endpoint.faults, clock=lambda moment: moment))
    servers = [
        (new_server(app, chain=keys.chain), listener)
        for app, listener in zip(apps, listeners, strict=True)
    ]
    facts = _facts(org, keys, urls)
    asyncio.run(run_servers(servers, on_ready=lambda: _announce(facts, as_json=as_json)))
    store.close()


def _host(tls: bool) -> str:
    return "localhost" if tls else HOST


def _port(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def _keys(directory: Path, org_key: str, *, tls: bool, now: datetime) -> Keys:
    jwt_path = directory / f"{org_key}-jwt-key.pem"
    jwt_certificate = self_signed(
        JWT_APP,
        key=private_key_at(jwt_path),
        path=directory / f"{org_key}-jwt-certificate.pem",
        now=now,
    )
    if not tls:
        return Keys(jwt_key=jwt_path, jwt_certificate=jwt_certificate)
    ca, certificate, key = server_chain(directory, now=now)
    return Keys(jwt_key=jwt_path, jwt_certificate=jwt_certificate, ca=ca, chain=(certificate, key))


def _facts(org: Org, keys: Keys, urls: list[str]) -> dict[str, Any]:
    consumer = consumer_of_app(org, JWT_APP)
    if consumer is None:
        raise LookupError(f"the org has no app named {JWT_APP}")
    return {
        "url": urls[0],
        "login_url": urls[0],
        "ca": str(keys.ca) if keys.ca else None,
        "org": org.spec.key,
        "org_id": org.spec.id,
        "username": f"{plan_of(org).jwt_user}@{org.spec.domain}",
        "consumer_key": consumer.key,
        "consumer_secret": consumer.secret,
        "private_key": str(keys.jwt_key),
        "certificate": str(keys.jwt_certificate),
        "admin_key": org.setting("admin_key"),
        "llm_urls": urls[1:],
        "llm_api_key": org.setting("llm_api_key"),
        "llm_model": MODELS[0],
    }


def _announce(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts), flush=True)
        return
    print(f"Sandbox org {facts['org_id']} is served at {facts['url']}", flush=True)
    for name in ("ca", "username", "consumer_key", "private_key", "admin_key"):
        print(f"  {name}: {facts[name]}", flush=True)
    for url in facts["llm_urls"]:
        print(f"  model endpoint: {url}/v1 (key {facts['llm_api_key']})", flush=True)
