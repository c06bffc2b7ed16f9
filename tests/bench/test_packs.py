"""Making and checking packs, and how both grow from a thousand events to a million.

Each size is made in a process of its own, whose peak memory is then that of the pack.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.report import record

pytestmark = pytest.mark.bench

PROJECT = Path(__file__).resolve().parents[2]
SIZES = (1_000, 10_000, 100_000, 1_000_000)
MADE = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from apps.evidence.pack.build import build_pack
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.pki import LocalAuthority
from apps.evidence.pack.seal import PadesSealer
from tests.bench.memory import peak_mib
from tests.evidence import made_up
from tests.evidence.conftest import turn
count, place = int(sys.argv[1]), Path(sys.argv[2])
now = datetime.now(UTC)
authority = LocalAuthority.open(place / "pki", wrap=turn, unwrap=turn, now=now)
signer = KeyInMemory(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
sealer = PadesSealer.local(authority, now=now)
bodies = made_up.bodies(count)
begun = time.perf_counter()
pdf = build_pack(made_up.content(), annexes=(made_up.policy_annex(),), events=bodies,
                 signer=signer, sealer=sealer)
took = time.perf_counter() - begun
(place / "pack.pdf").write_bytes(pdf)
print(json.dumps({"took": took, "peak": peak_mib(), "size": len(pdf) / 1e6}))
"""
CHECKED = """
import json, sys, time
from pathlib import Path
from apps.evidence.verify.run import verify
from tests.bench.memory import peak_mib
pdf = Path(sys.argv[1]).read_bytes()
begun = time.perf_counter()
code = verify(pdf).exit_code
took = time.perf_counter() - begun
print(json.dumps({"took": took, "peak": peak_mib(), "code": int(code)}))
"""


def run(code: str, *arguments: object) -> dict[str, float]:
    """What a process of its own printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=PROJECT, capture_output=True, text=True, check=True, env={**os.environ},
    )  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("count", SIZES)
def test_a_pack_of_many_events(count: int, tmp_path: Path) -> None:
    made = run(MADE, count, tmp_path)
    checked = run(CHECKED, tmp_path / "pack.pdf")
    assert checked["code"] == 0
    record("evidence", f"pack of {count:,} events", made["took"], "s")
    record("evidence", f"memory for a pack of {count:,} events", made["peak"], "MB")
    record("evidence", f"size of a pack of {count:,} events", made["size"], "MB")
    record("evidence", f"checking a pack of {count:,} events", checked["took"], "s")
    if count == 100_000:
        assert made["took"] <= 10, "100,000 events take at most 10 s"
        assert made["peak"] <= 300, "100,000 events take at most 300 MB"
