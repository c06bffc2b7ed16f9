"""jsforce over TLS: signs in three ways, reads, writes, loads and unloads in bulk."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.sandbox import ROOT, RunningSandbox
from tests.sandbox.client import JWT_BEARER, app_named, assertion

HERE = Path(__file__).parent / "jsforce"
INSTALLED = ROOT / "var" / "jsforce"  # fetched once, kept as long as the lock file stays the same
SECONDS = 110


@pytest.fixture(scope="module")
def modules() -> Path:
    """Where jsforce is installed; skipped, and says so, without Node or the registry."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js with npm is not installed: apt-get install nodejs npm")
    lock, kept = HERE / "package-lock.json", INSTALLED / "complete.json"
    if kept.exists() and kept.read_bytes() == lock.read_bytes():
        return INSTALLED / "node_modules"
    shutil.rmtree(INSTALLED, ignore_errors=True)
    INSTALLED.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, INSTALLED)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=INSTALLED, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        pytest.skip(f"npm could not fetch jsforce: {done.stderr.strip()[-200:]}")
    shutil.copy(lock, kept)
    return INSTALLED / "node_modules"


@pytest.fixture(scope="module")
def seen(modules: Path, sandbox_tls: RunningSandbox) -> dict[str, Any]:
    """What the session saw of the org."""
    sandbox_tls.reset()
    people = [{"LastName": f"Person {number}"} for number in range(2100)]
    sandbox_tls.seed(records={"Contact": people}, tokens=600)
    importing, loader = (
        app_named(sandbox_tls, "Nightly Import"),
        app_named(sandbox_tls, "Data Loader"),
    )
    consent = {"app": "Data Loader", "username": sandbox_tls.info["username"]}
    settings = {
        **importing,
        "url": sandbox_tls.url,
        "version": "62.0",
        "org_id": sandbox_tls.info["org_id"],
        "jwt_bearer": JWT_BEARER,
        "assertion": assertion(sandbox_tls),
        "refresh": loader | sandbox_tls.admin("POST", "authorize", json=consent),
    }
    trust = {"NODE_PATH": str(modules), "NODE_EXTRA_CA_CERTS": str(sandbox_tls.info["ca"])}
    done = subprocess.run(
        ["node", str(HERE / "session.cjs"), json.dumps(settings)],
        env={**os.environ, **trust},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def chosen(seen: dict[str, Any], *names: str) -> list[Any]:
    return [seen[name] for name in names]


def test_jsforce_signs_in_and_renews_a_token_that_ran_out(
    seen: dict[str, Any], sandbox_tls: RunningSandbox
) -> None:
    assert seen["user"]["organizationId"] == sandbox_tls.info["org_id"]
    assert seen["identity"] == "svc-loader@acme-prod.example.com"
    assert chosen(seen, "after_renewal", "renewed") == [1, 1]


def test_jsforce_reads_pages_children_groups_and_describes(seen: dict[str, Any]) -> None:
    assert chosen(seen, "contacts", "children", "found") == [2110, 2, 3]
    assert chosen(seen, "groups", "objects") == [True, True]
    assert chosen(seen, "fields", "versions", "limit") == [36, 37, 114000]
    assert seen["classes"] == ["CaseReader", "ContractCopilot"]
    assert seen["tokens"] == 661  # the 60 of the seed, the 600, and the one of the consent


def test_jsforce_writes_records_alone_and_in_collections(seen: dict[str, Any]) -> None:
    assert chosen(seen, "city", "upserted", "gone", "in_bin") == ["Köln", True, True, 3]
    assert chosen(seen, "many", "why") == [[True, True, False], "REQUIRED_FIELD_MISSING"]
    assert seen["both"] == ["Köln", "Köln"]
    assert chosen(seen, "pending", "approved") == ["Pending", "Approved"]
    assert seen["refused"] == "INVALID_FIELD"


def test_jsforce_loads_and_unloads_in_bulk(seen: dict[str, Any]) -> None:
    assert chosen(seen, "loaded", "unloaded") == [[250, 0, 0], 250]
    assert seen["whole"] == 'a "quoted", line\nwith more'
    assert chosen(seen, "older", "older_out") == [[True, True], 2]  # by the older bulk API
    assert seen["half"][0] == 1
    assert seen["half"][1].startswith("REQUIRED_FIELD_MISSING")
