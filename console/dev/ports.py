"""Ports on the loopback address: is this one free, which one is."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping

from console.dev.trouble import Trouble

LOOPBACK = "127.0.0.1"


def wanted(name: str, default: int, environ: Mapping[str, str] = os.environ) -> int:
    """The port in the environment variable `name`, or the default."""
    given = environ.get(name) or str(default)
    if not given.isdecimal() or not 0 < int(given) < 65_000:
        raise Trouble(f"{name}={given} is not a port: give a number between 1 and 64999.")
    return int(given)


def require_free(uses: Iterable[tuple[str, str, int]]) -> None:
    """Trouble naming the first busy port; `uses` is (what for, variable that moves it, port)."""
    for purpose, variable, port in uses:
        if not is_free(port):
            raise Trouble(
                f"Port {port}, wanted for {purpose}, is busy: stop what uses it, or choose "
                f"another, for example `{variable}={port + 1000} make demo`."
            )


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # As servers do: a connection that is only winding down does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Different ports that are free now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
