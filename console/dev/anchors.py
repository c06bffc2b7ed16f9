"""What holds the demo's ledger from outside: a timestamp service, a witness, and the anchorer.

On one machine they show how it works; they prove something once somebody else runs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from console.dev import child, ports, processes
from console.dev.child import Child

SECONDS_TO_START = 60
SECONDS_BETWEEN = "15"  # a visitor should see an event become anchored; the default is a minute


@dataclass(frozen=True)
class Outside:
    """The two services, starting, and where they write what the console must know of them."""

    timestamps: Child
    witness: Child
    root: Path
    key: Path
    timestamps_port: int
    witness_port: int

    def settings(self) -> dict[str, str]:
        """Wait for both; then how the console reaches and checks them."""
        self.timestamps.wait_until(
            lambda: processes.log_says(self.timestamps, "timestamps at"), seconds=SECONDS_TO_START
        )
        self.witness.wait_until(
            lambda: processes.log_says(self.witness, "witness "), seconds=SECONDS_TO_START
        )
        witness_url = f"http://{ports.LOOPBACK}:{self.witness_port}"
        return {
            "LEDGER_TIMESTAMP_URLS": f"http://{ports.LOOPBACK}:{self.timestamps_port}/",
            "LEDGER_TIMESTAMP_ROOTS": str(self.root),
            "LEDGER_WITNESSES": f"{witness_url} {self.key.read_text().strip()}",
            "LEDGER_ANCHOR_SECONDS": SECONDS_BETWEEN,
        }


def start_outside(*, data: Path, env: Mapping[str, str]) -> Outside:
    """Start the timestamp service and the witness; neither needs the database."""
    timestamps_port, witness_port = ports.free_ports(2)
    stamps, memory = data / "timestamps", data / "witness"
    memory.mkdir(mode=0o700, exist_ok=True)
    stamping = [*processes.MANAGE, "ledger_timestamps", "--port", str(timestamps_port)]
    stamping += ["--state", str(stamps)]
    witnessing = [*processes.MANAGE, "ledger_witness", "--port", str(witness_port)]
    witnessing += ["--state", str(memory / "memory.sqlite"), "--key-file", str(memory / "key")]
    witnessing += ["--logs", str(data / "anchors" / "log-keys")]
    return Outside(
        timestamps=_start("ledger timestamps", stamping, data=data, env=env),
        witness=_start("ledger witness", witnessing, data=data, env=env),
        root=stamps / "root.pem",
        key=memory / "key",
        timestamps_port=timestamps_port,
        witness_port=witness_port,
    )


def start_anchorer(*, data: Path, env: Mapping[str, str]) -> Child:
    """The process that has the log of logs held."""
    return _start("ledger anchorer", [*processes.MANAGE, "ledger_anchor"], data=data, env=env)


def are_given(env: Mapping[str, str]) -> bool:
    """Whether the caller named places of his own."""
    named = ("LEDGER_TIMESTAMP_URLS", "LEDGER_WITNESSES", "LEDGER_BUCKET")
    return any(env.get(name) for name in named)


def _start(name: str, command: list[str], *, data: Path, env: Mapping[str, str]) -> Child:
    log = processes.log_file(data, name.replace(" ", "-"))
    return child.start(name, command, env=env, log=log)
