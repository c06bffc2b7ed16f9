"""Starting the sandbox org for a test, and talking to its admin routes."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import requests

ROOT = Path(__file__).resolve().parents[2]
_SECONDS_TO_STOP = 10.0


@dataclass(kw_only=True)
class RunningSandbox:
    """A sandbox in its own process; `info` is the line of JSON it printed when ready."""

    process: subprocess.Popen[str]
    info: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.info["url"])

    @property
    def verify(self) -> str | bool:
        """What `requests` needs to trust it: the path of its CA, or nothing special."""
        return self.info["ca"] or True

    def admin(self, method: str, name: str, *, json: Any = None, base: str | None = None) -> Any:
        """Call an admin route and return its JSON, or None when it has no body."""
        answer = requests.request(
            method,
            f"{base or self.url}/_sandbox/{name}",
            json=json,
            headers={"X-Sandbox-Admin": self.info["admin_key"]},
            verify=self.verify,
            timeout=30,
        )
        if not answer.ok:
            raise AssertionError(f"{method} {name}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def fault(
        self,
        fault: str,
        *,
        when: str = "once",
        n: int = 1,
        path: str = "",
        method: str = "",
        seconds: float = 30.0,
        base: str | None = None,
    ) -> None:
        """Switch a fault on, on the org or (with `base`) on one of the model endpoints."""
        wanted = {"fault": fault, "when": when, "n": n, "path": path, "method": method}
        wanted["seconds"] = seconds
        self.admin("POST", "faults", json=wanted, base=base)

    def clear_faults(self) -> None:
        for base in (self.url, *self.info["llm_urls"]):
            self.admin("DELETE", "faults", base=base)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.admin("GET", "state")
        return state

    def reset(self) -> None:
        """Seed the org anew: same ids and keys, no tokens issued, no faults."""
        self.admin("POST", "reset")

    def seed(self, **wanted: Any) -> dict[str, int]:
        added: dict[str, int] = self.admin("POST", "seed", json=wanted)
        return added

    def llm_requests(self, number: int = 0) -> dict[str, Any]:
        """How often a model endpoint was called, and with what."""
        base = self.info["llm_urls"][number]
        found: dict[str, Any] = self.admin("GET", "requests", base=base)
        return found

    def stop(self) -> int:
        """Ask it to stop, and insist after a while. The answer is its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(_SECONDS_TO_STOP)
        finally:
            _stdout(self.process).close()


def start_sandbox(*arguments: str) -> RunningSandbox:
    """Start a sandbox on a free port, with any further options of the `sandbox` command.

    Raises RuntimeError when it ends before it is ready."""
    command = [sys.executable, "-m", "apps.sandbox", "--port", "0", "--json", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    line = _stdout(process).readline()
    if not line:
        process.wait(_SECONDS_TO_STOP)
        raise RuntimeError(f"the sandbox ended with status {process.returncode}")
    return RunningSandbox(process=process, info=json.loads(line))


def _stdout(process: subprocess.Popen[str]) -> IO[str]:
    if process.stdout is None:
        raise RuntimeError("the sandbox was started without a pipe")
    return process.stdout
