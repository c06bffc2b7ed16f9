"""Making and checking a pack with 10,000 events."""

import pytest

from apps.evidence.pack.build import build_pack
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.pki import LocalAuthority
from apps.evidence.pack.seal import PadesSealer
from apps.evidence.verify.report import Exit, Report
from apps.evidence.verify.run import verify
from tests.bench.report import record
from tests.bench.timing import seconds_once
from tests.evidence import made_up
from tests.evidence.conftest import authority, sealer, signer

__all__ = ["authority", "sealer", "signer"]
pytestmark = pytest.mark.bench

EVENTS = 10_000


def test_a_pack_of_many_events(
    authority: LocalAuthority, sealer: PadesSealer, signer: KeyInMemory
) -> None:
    packs: list[bytes] = []
    took = seconds_once(
        lambda: packs.append(
            build_pack(
                made_up.content(),
                annexes=(made_up.policy_annex(),),
                events=made_up.bodies(EVENTS),
                signer=signer,
                sealer=sealer,
            )
        )
    )
    checked: list[Report] = []
    took_to_check = seconds_once(lambda: checked.append(verify(packs[0])))
    assert checked[0].exit_code == Exit.GOOD
    record("evidence", f"checking a pack of {EVENTS:,} events", took_to_check, "s")
    record("evidence", f"pack of {EVENTS:,} events", took, "s")
    record("evidence", f"size of a pack of {EVENTS:,} events", len(packs[0]) / 1e6, "MB")
