"""The process itself: ports, signals, and what survives a restart."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.fakes.sandbox import ROOT, RunningSandbox, start_sandbox
from tests.sandbox.client import OrgClient, log_in


def test_it_tells_all_a_client_needs_in_one_line(sandbox_org: RunningSandbox) -> None:
    info = sandbox_org.info
    assert {
        "url", "login_url", "ca", "org_id", "username", "consumer_key", "consumer_secret",
        "private_key", "admin_key", "llm_urls", "llm_api_key", "llm_model",
    } <= set(info)  # fmt: skip
    assert Path(info["private_key"]).read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert Path(info["private_key"]).stat().st_mode & 0o077 == 0


def test_it_stops_cleanly_when_asked() -> None:
    sandbox = start_sandbox()
    assert sandbox.stop() == 0
    assert not Path(sandbox.info["private_key"]).exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{sandbox.url}/services/data", timeout=2)


def test_it_stops_while_a_request_hangs() -> None:
    sandbox = start_sandbox()
    sandbox.fault("hang", seconds=60)
    with pytest.raises(requests.Timeout), requests.Session() as session:
        session.get(f"{sandbox.url}/services/data", timeout=0.3)
    begun = time.monotonic()
    assert sandbox.stop() == 0
    assert time.monotonic() - begun < 5


def test_the_management_command_serves_the_same_sandbox() -> None:
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", "--json", "--org", "globex"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    sandbox = RunningSandbox(process=process, info=json.loads(process.stdout.readline()))
    try:
        assert log_in(sandbox).rows("SELECT Name FROM Organization")[0]["Name"] == "globex-eu"
    finally:
        assert sandbox.stop() == 0


def test_a_busy_port_is_told_in_one_sentence() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "apps.sandbox", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        f"Port {port} on 127.0.0.1 is busy; choose another, or 0 for any free port."
    ]


def test_it_listens_on_loopback_only(sandbox_org: RunningSandbox) -> None:
    port = urlsplit(sandbox_org.url).port
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    with pytest.raises(OSError), socket.create_connection((own, port), timeout=2):
        pass


def test_tokens_records_and_keys_survive_a_restart(tmp_path: Path) -> None:
    first = start_sandbox("--state", str(tmp_path))
    org = log_in(first)
    made = org.send("POST", "/sobjects/Case", json={"Subject": "Kept"}).json()["id"]
    os.kill(first.process.pid, 9)
    first.stop()
    second = start_sandbox("--state", str(tmp_path))
    try:
        kept = OrgClient(sandbox=second, token=org.token)
        assert kept.get(f"/sobjects/Case/{made}").json()["Subject"] == "Kept"
        for name in ("consumer_key", "consumer_secret", "admin_key", "llm_api_key"):
            assert second.info[name] == first.info[name]
    finally:
        second.stop()


def run_and_fail(*arguments: str) -> str:
    """The one line on stderr of a sandbox that does not start."""
    ended = subprocess.run(
        [sys.executable, "-m", "apps.sandbox", "--port", "0", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    return ended.stderr.strip()


def test_two_sandboxes_cannot_share_one_state(tmp_path: Path) -> None:
    first = start_sandbox("--state", str(tmp_path))
    try:
        told = run_and_fail("--state", str(tmp_path))
        assert told == f"--state {tmp_path} is in use by another sandbox of the org acme."
        second = start_sandbox("--state", str(tmp_path), "--org", "globex")
        assert second.stop() == 0
    finally:
        first.stop()


def test_a_state_that_is_no_directory_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    told = run_and_fail("--state", str(file))
    assert told == f"--state {file} cannot be written: File exists."


def test_two_orgs_share_no_ids_and_no_tokens(sandbox_org: RunningSandbox) -> None:
    globex = start_sandbox("--org", "globex")
    try:
        assert globex.info["org_id"] != sandbox_org.info["org_id"]
        ours, theirs = log_in(sandbox_org), log_in(globex)
        soql = "SELECT Id FROM User"
        mine = {row["Id"] for row in ours.rows(soql)}
        assert mine.isdisjoint(row["Id"] for row in theirs.rows(soql))
        stranger = OrgClient(sandbox=globex, token=ours.token)
        assert stranger.get("/limits").status_code == 401
    finally:
        globex.stop()


def test_the_sandbox_needs_neither_django_nor_the_other_apps() -> None:
    code = (
        "import sys, apps.sandbox.launch\n"
        "names = [n for n in sys.modules if n == 'django' or "
        "(n.startswith('apps.') and not n.startswith('apps.sandbox'))]\n"
        "sys.exit(str(names) if names else 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=30, check=False)
    assert ended.returncode == 0
