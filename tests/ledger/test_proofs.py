"""What an event's page and the API prove, checked as somebody outside would check it."""

import base64
import threading

import pytest

from apps.common.errors import NotFound
from apps.common.scope import scoped
from apps.ledger import note, proofs
from apps.ledger.merkle import check_consistency, check_inclusion, consistency_path, leaf_hash
from tests.ledger.sequencing import HOST, KEYS, sequence_all
from tests.ledger.test_sequencer import acts, new_tenant

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_events_proof_comes_further_step_by_step() -> None:
    tenant = new_tenant()
    first, second = acts(tenant, 2)
    with scoped(tenant_id=tenant.pk):
        state = proofs.proof_state(first)
        assert (state.seq, state.signed, state.anchored) == (None, None, None)
        assert proofs.latest_checkpoint() is None
        assert not proofs.wait_for([first.pk, second.pk], 0)
    sequence_all()
    acts(tenant, 1)
    sequence_all()
    with scoped(tenant_id=tenant.pk):
        state = proofs.proof_state(second)
        assert state.seq == 1
        assert state.signed is not None and state.signed.size == 2
        latest = proofs.latest_checkpoint()
        assert latest is not None and latest.size == 3
        assert proofs.wait_for([first.pk, second.pk], 0)


def test_a_proof_leads_from_the_body_to_the_signed_root() -> None:
    tenant = new_tenant()
    events = acts(tenant, 700)
    sequence_all()
    verifier = note.Verifier(f"{HOST}/ledger/{tenant.pk}", KEYS.signing[0].public)
    for at in (0, 255, 256, 600, 699):
        with scoped(tenant_id=tenant.pk):
            event, checkpoint = events[at], proofs.latest_checkpoint()
            assert checkpoint is not None
            written = proofs.inclusion_of(event, checkpoint)
        head, _, signed = written.partition("\n\n")
        kind, index, *path = head.split("\n")
        assert kind == "c2sp.org/tlog-proof@v1"
        told = note.Checkpoint.parse(note.check(signed, [verifier]).text)
        check_inclusion(
            leaf_hash(bytes(event.body)),
            int(index.removeprefix("index ")),
            told.size,
            [base64.b64decode(each) for each in path],
            told.root,
        )


def test_a_later_tree_proves_that_it_only_grew() -> None:
    tenant = new_tenant()
    acts(tenant, 300)
    sequence_all()
    with scoped(tenant_id=tenant.pk):
        old = proofs.latest_checkpoint()
    acts(tenant, 400)
    sequence_all()
    with scoped(tenant_id=tenant.pk):
        new = proofs.latest_checkpoint()
        assert old is not None and new is not None
        path = consistency_path(proofs.hash_reader(new.size), old.size, new.size)
    check_consistency(old.size, new.size, bytes(old.root), bytes(new.root), path)


def test_an_event_without_a_position_there_has_no_proof() -> None:
    tenant = new_tenant()
    acts(tenant, 1)
    sequence_all()
    [late] = acts(tenant, 1)
    with scoped(tenant_id=tenant.pk):
        checkpoint = proofs.latest_checkpoint()
        assert checkpoint is not None
        with pytest.raises(NotFound, match="no position under that checkpoint"):
            proofs.inclusion_of(late, checkpoint)


def test_another_tenant_sees_neither_positions_nor_checkpoints() -> None:
    tenant, other = new_tenant(), new_tenant()
    [event] = acts(tenant, 1)
    sequence_all()
    with scoped(tenant_id=other.pk):
        assert proofs.position_of(event.pk) is None
        assert proofs.latest_checkpoint() is None
        with pytest.raises(ValueError, match="leaves are missing"):
            proofs.hash_reader(1)(0, 0)


def test_waiting_ends_when_the_sequencer_has_come_by() -> None:
    tenant = new_tenant()
    [event] = acts(tenant, 1)
    later = threading.Timer(0.2, sequence_all)
    later.start()
    with scoped(tenant_id=tenant.pk):
        assert proofs.wait_for([event.pk], 10)
    later.join()
