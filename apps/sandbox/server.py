"""Listening on loopback, and stopping cleanly."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

HOST = "127.0.0.1"
_GRACE_SECONDS = 1
_IDLE_SECONDS = 75  # longer than clients pause between calls on one connection


class PortBusy(Exception):
    """The port cannot be listened on."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} on {HOST} is busy; choose another, or 0 for any free port.")


def listen(port: int) -> socket.socket:
    """Raises PortBusy."""
    # named as TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortBusy(port) from error
    return listener


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs several of them in one loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def new_server(app: Any, *, chain: tuple[Path, Path] | None) -> uvicorn.Server:
    """`chain` is the paths of the server's certificate and key, or None for plain HTTP."""
    certificate, key = (str(path) for path in chain) if chain else (None, None)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="critical",  # the edge logs what matters; cut connections are meant
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _Server(config)


async def run_servers(
    servers: list[tuple[uvicorn.Server, socket.socket]], *, on_ready: Any
) -> None:
    """Serve until SIGTERM or SIGINT; `on_ready` is called once all servers accept."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for server, _ in servers:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    running = [asyncio.ensure_future(server.serve([listener])) for server, listener in servers]
    while not all(server.started for server, _ in servers):
        if any(task.done() for task in running):
            break
        await asyncio.sleep(0.01)
    else:
        on_ready()
    await asyncio.gather(*running)
