"""A pack of committed events carries their places in the ledger, and its verifier agrees."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta

import pytest

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.evidence import positions
from apps.evidence.pack.build import build_pack
from apps.evidence.pack.language import language
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.seal import PadesSealer
from apps.evidence.purposes.period import PURPOSE
from apps.evidence.sections.window import Window
from apps.evidence.verify.report import Exit
from apps.evidence.verify.run import verify
from apps.ledger import signing
from apps.ledger.models import Event
from tests.evidence import made_up
from tests.ledger.sequencing import KEYS, sequence_all
from tests.ledger.test_sequencer import acts, new_tenant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _known_keys() -> Iterator[None]:
    """The keys that the test's sequencer signs with are the installation's."""
    before = list(signing._introduced)
    signing.introduce_keys(lambda: KEYS)
    yield
    signing._introduced[:] = before


def test_what_was_positioned_is_proved_and_what_was_not_is_said(
    sealer: PadesSealer, signer: KeyInMemory
) -> None:
    tenant = new_tenant()
    acts(tenant, 300)
    sequence_all()
    acts(tenant, 2)
    now = database_now()
    window = Window(start=now - timedelta(days=1), end=now + timedelta(days=1))
    with scoped(tenant_id=tenant.pk):
        events = PURPOSE.events(window, None)
        ready = positions.wait_for_positions(events, seconds=0, scope=nullcontext)
        placed = positions.place(events, is_whole=True, say=language("en"), waited_s=0)
    assert not ready
    assert any("positions of 2 events" in gap.what for gap in placed.not_included)
    content = made_up.content(sections=(made_up.model_calls(),), not_included=placed.not_included)
    pdf = build_pack(
        content, annexes=placed.annexes, events=placed.bodies, signer=signer, sealer=sealer
    )
    report = verify(pdf)
    assert report.exit_code == Exit.GOOD, report.steps
    step = next(each.said for each in report.steps if each.name == "Ledger")
    assert "at positions 0 to 299; none between is missing; 2 more have no position" in step


def test_chosen_events_come_in_the_order_of_their_positions() -> None:
    tenant = new_tenant()
    made = acts(tenant, 40)
    sequence_all()
    wanted = [made[number].pk for number in (31, 4, 5, 6)]
    with scoped(tenant_id=tenant.pk):
        events = Event.objects.filter(id__in=wanted)
        placed = positions.place(events, is_whole=False, say=language("en"), waited_s=0)
    proof = next(each for each in placed.annexes if each.name == "proof-ledger.json")
    assert json.loads(proof.data)["events"] == [[4, 3], [31, 1]]
    bodies = [bytes(made[number].body) for number in (4, 5, 6, 31)]
    assert list(placed.bodies) == bodies


def test_an_event_between_two_of_a_period_is_taken_too() -> None:
    """Recorded for another day, yet positioned between two of this one."""
    tenant = new_tenant()
    made = acts(tenant, 9)
    sequence_all()
    with scoped(tenant_id=tenant.pk):
        events = Event.objects.filter(id__in=[made[2].pk, made[7].pk])
        placed = positions.place(events, is_whole=True, say=language("de"), waited_s=0)
    proof = next(each for each in placed.annexes if each.name == "proof-ledger.json")
    assert json.loads(proof.data)["events"] == [[2, 6]]
    assert len(placed.bodies) == 6
