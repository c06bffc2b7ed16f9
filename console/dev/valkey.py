"""A private Valkey: one Unix socket, every write kept, and never a silent eviction of a job."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from console.dev import binaries, urls
from console.dev.account import server_account
from console.dev.sockets import socket_directory
from console.dev.trouble import Trouble

SECONDS_TO_START = 15


@dataclass(frozen=True)
class Valkey:
    """One server and, when this process started it, its process."""

    socket: Path
    process: subprocess.Popen[bytes] | None

    @property
    def url(self) -> str:
        return urls.valkey_url(self.socket)

    def is_alive(self) -> bool:
        """Whether it still runs; one we only found running must answer."""
        return answers(self.socket) if self.process is None else self.process.poll() is None

    def stop(self) -> None:
        """Let it write what it holds and wait until it is gone; leave one we only found running."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(state: Path, *, durable: bool = True) -> Valkey:
    """Start the server whose files are in `state`, or find it running. Trouble names its log."""
    data = state / "valkey"
    account = server_account(data)
    place = socket_directory(state, account) / "valkey.sock"
    if answers(place):
        return Valkey(place, process=None)
    data.mkdir(mode=0o700, exist_ok=True)
    account.give(data)
    program = binaries.valkey_server()
    program = binaries.runnable_by(program, account, tree=program.parent)
    log = state / "valkey.log"
    drop = os.geteuid() == 0
    with log.open("ab") as output:
        process = subprocess.Popen(
            [program, *_options(place, data, durable=durable)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.uid if drop else None,
            group=account.gid if drop else None,
            extra_groups=[] if drop else None,
        )
    server = Valkey(place, process)
    try:
        _wait(process, place, log)
    except BaseException:  # also Ctrl-C: a server half started would outlive us
        server.stop()
        raise
    return server


def _options(place: Path, data: Path, *, durable: bool) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(place),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes" if durable else "no",
        "maxmemory-policy": "noeviction",
        "save": "",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def answers(place: Path) -> bool:
    """Whether a server behind this socket says it is ready (it says -LOADING while it reads)."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(place))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _wait(process: subprocess.Popen[bytes], place: Path, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if answers(place):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise Trouble(f"Valkey did not start; the end of {log}:\n{tail}")
