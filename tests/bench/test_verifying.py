"""How long it takes to check a million events without us: at most 1.5 s for leaves and tree."""

import time
from pathlib import Path

import pytest

from apps.ledger import verify
from tests.bench.report import record
from tests.ledger.made_log import MadeLog, plain_bodies

pytestmark = pytest.mark.bench
EVENTS = 1_000_000
TARGET_S = 1.5


def test_leaves_and_tree_of_a_million_events() -> None:
    """On one core, over bodies in memory: what the proof itself costs."""
    bodies = plain_bodies(EVENTS)
    began = time.perf_counter()
    leaves = verify.leaf_hashes(bodies)
    hashed = time.perf_counter()
    verify.levels_over(leaves)
    done = time.perf_counter()
    record("ledger", "verify 1,000,000: leaves", hashed - began, "s")
    record("ledger", "verify 1,000,000: tree", done - hashed, "s")
    took = done - began
    name = "verify 1,000,000: leaves and tree"
    record("ledger", name, took, "s", peer="at most 1.5 s on one core", ratio=took / TARGET_S)


def test_a_whole_export_of_a_million_events(tmp_path: Path) -> None:
    """With files read, tiles, receipts and manifest compared: what an auditor waits for."""
    log = MadeLog(plain_bodies(EVENTS))
    place = log.export(tmp_path / "export")
    began = time.perf_counter()
    report = verify.verify(place, keys=[log.vkey])
    record("ledger", "verify 1,000,000: whole export", time.perf_counter() - began, "s")
    assert report.failed == []
