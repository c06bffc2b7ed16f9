"""The whole console on one machine: servers, schema, sandbox orgs, web, worker and beat."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from console.dev import anchors, environment, processes, servers, syslibs
from console.dev.child import Child, tail
from console.dev.guarding import for_migrations, guard_ledger
from console.dev.paths import PROJECT
from console.dev.ports import LOOPBACK
from console.dev.progress import doing, say
from console.dev.signals import finish_undisturbed
from console.dev.trouble import Trouble

SECONDS_TO_START = 60


@dataclass(frozen=True)
class Ports:
    """Where everything listens, on the loopback address only."""

    web: int
    acme: int
    globex: int
    models: tuple[int, int]


@dataclass
class House:
    """What runs: the environment of its processes, and who is watched."""

    data: Path
    ports: Ports
    env: dict[str, str]
    children: list[Child] = field(default_factory=list)
    orgs: list[processes.Org] = field(default_factory=list)
    pulses: tuple[servers.Pulse, ...] = ()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.web}"

    def manage(self, *arguments: str, env: dict[str, str] | None = None) -> None:
        """Run a Django command quietly; Trouble shows what it said if it failed."""
        result = subprocess.run(
            [*processes.MANAGE, *arguments],
            cwd=PROJECT,
            env=env or self.env,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if result.returncode:
            raise Trouble(f"manage.py {arguments[0]} failed:\n{result.stdout.strip()}")

    def stream(self, *arguments: str) -> int:
        """Run a Django command whose words are for the reader; its exit code."""
        command = [*processes.MANAGE, *arguments]
        return subprocess.run(
            command, cwd=PROJECT, env=self.env, check=False, stdin=subprocess.DEVNULL
        ).returncode

    def org_arguments(self) -> list[str]:
        """How commands are told about the sandbox orgs."""
        acme, globex = self.orgs
        return ["--acme-org", str(acme.description), "--globex-org", str(globex.description)]

    def watch(self) -> None:
        """Return never; Trouble as soon as a process or server is gone."""
        while True:
            for process in self.children:
                if process.has_ended():
                    raise Trouble(process.obituary())
            for pulse in self.pulses:
                if not pulse.beats():
                    raise Trouble(
                        f"{pulse.name} is gone; the end of {pulse.log}:\n{tail(pulse.log)}"
                    )
            time.sleep(1)


@contextmanager
def running(data: Path, ports: Ports) -> Iterator[House]:
    """Start everything and say so; at the end stop it in reverse."""
    with ExitStack() as stack:
        try:
            yield _start(data, ports, stack)
        finally:
            finish_undisturbed()


def _start(data: Path, ports: Ports, stack: ExitStack) -> House:
    with ThreadPoolExecutor() as pool:
        notes: list[str] = []
        looking = pool.submit(syslibs.ensure, say=notes.append)
        with doing("PostgreSQL and Valkey"):
            addresses = stack.enter_context(servers.running(data))
        with doing("system libraries for PDFs and key modules"):
            libraries = looking.result()
    for note in notes:
        say(f"    {note}")
    env = environment.for_children(addresses, data=data, libraries=libraries)
    env["BAILIWICK_CONSOLE_URL"] = f"http://{LOOPBACK}:{ports.web}"
    house = House(data, ports, env, pulses=addresses.pulses)
    _start_orgs(house, stack)
    outside = _start_outside(house, stack)
    with doing("migrations and static files"), ThreadPoolExecutor() as pool:
        collecting = pool.submit(house.manage, "collectstatic", "--no-input")
        house.manage("migrate", "--no-input", env=for_migrations(env, addresses.database))
        guard_ledger(addresses.database)
        collecting.result()
    with doing("sandbox orgs and model endpoints"):
        for org in house.orgs:
            org.wait()
        house.env |= processes.trust(house.orgs, data=data)
    if outside:
        house.env |= outside.settings()
    _start_console(house, stack)
    return house


def _start_orgs(house: House, stack: ExitStack) -> None:
    """Begin early: they need none of the servers and take their time while others work."""
    ports = house.ports
    for name, port, models in (("acme", ports.acme, ports.models), ("globex", ports.globex, ())):
        org = processes.start_org(name, port=port, llm_ports=models, data=house.data, env=house.env)
        house.orgs.append(org)
        _keep(org.child, house, stack)


def _start_outside(house: House, stack: ExitStack) -> anchors.Outside | None:
    """Early as well; places that the caller names are used instead of ours."""
    if anchors.are_given(house.env):
        return None
    outside = anchors.start_outside(data=house.data, env=house.env)
    _keep(outside.timestamps, house, stack)
    _keep(outside.witness, house, stack)
    return outside


def _start_console(house: House, stack: ExitStack) -> None:
    with doing("web console, worker, beat and ledger sequencer"):
        sequencer = _start_sequencer(house, stack)
        web = processes.start_web(house.ports.web, data=house.data, env=house.env)
        _keep(web, house, stack)
        worker = processes.start_worker(data=house.data, env=house.env)
        _keep(worker, house, stack)
        _keep(processes.start_beat(data=house.data, env=house.env), house, stack)
        web.wait_until(lambda: processes.answers_http(f"{house.url}/"), seconds=SECONDS_TO_START)
        worker.wait_until(lambda: processes.log_says(worker, " ready."), seconds=SECONDS_TO_START)
        if sequencer:
            sequencer.wait_until(
                lambda: processes.log_says(sequencer, "leading from"), seconds=SECONDS_TO_START
            )


def _start_sequencer(house: House, stack: ExitStack) -> Child | None:
    """A database that was given may come without the sequencer's login: then nobody signs."""
    if not house.env.get("DATABASE_SEQUENCER_URL"):
        say("    DATABASE_SEQUENCER_URL is not set: the ledger's events get no positions")
        return None
    sequencer = processes.start_sequencer(data=house.data, env=house.env)
    _keep(sequencer, house, stack)
    _keep(anchors.start_anchorer(data=house.data, env=house.env), house, stack)
    return sequencer


def _keep(process: Child, house: House, stack: ExitStack) -> None:
    house.children.append(process)
    stack.callback(process.end)
