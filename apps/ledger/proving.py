"""Checking one event now, step by step, in words: what was proved, and what was not."""

import json
from collections.abc import Iterator

from django.conf import settings

from apps.common.scope import current_tenant_id
from apps.ledger import note, proofs
from apps.ledger.merkle import (
    BadProof,
    check_consistency,
    check_inclusion,
    consistency_path,
    inclusion_path,
    leaf_hash,
)
from apps.ledger.models import Checkpoint, Event, Leaf
from apps.ledger.proving_anchors import anchored
from apps.ledger.signing import NoKeys, checkpoint_keys
from apps.ledger.steps import BAD, GOOD, OPEN, Step


def prove(event: Event) -> list[Step]:
    """Compute everything anew from the stored bytes; trust no column and no earlier check."""
    steps = [_bytes(event), _columns(event)]
    newest, seq = proofs.latest_checkpoint(), proofs.position_of(event.pk)
    if newest is None or seq is None:
        waits = Step(OPEN, "It has no position in the signed log yet", "Look again in a second.")
        return [*steps, waits]
    return [*steps, *_in_log(event, seq, newest), *anchored(event, seq)]


def _bytes(event: Event) -> Step:
    computed = leaf_hash(bytes(event.body))
    kept = {bytes(event.leaf), *_leaf_in_log(event)}
    if kept == {computed}:
        return Step(GOOD, "Its bytes give its leaf hash", f"SHA-256, RFC 6962: {computed.hex()}")
    return Step(BAD, "Its bytes do NOT give its leaf hash", f"They give {computed.hex()}.")


def _leaf_in_log(event: Event) -> Iterator[bytes]:
    rows = Leaf.objects.filter(event_id=event.pk)
    return (bytes(leaf) for leaf in rows.values_list("leaf", flat=True))


def _columns(event: Event) -> Step:
    said = json.loads(bytes(event.body))
    told = (said["actor"], said["action"], said["target"]["type"], said["target"]["id"])
    shown = (event.actor, event.action, event.target_type, event.target_id)
    ours = said["tenant_id"] == str(current_tenant_id()) and said["event_id"] == str(event.pk)
    if told == shown and ours:
        return Step(GOOD, "What this page shows is what the bytes say")
    return Step(BAD, "This page shows something else than the bytes say", "Believe the bytes.")


def _in_log(event: Event, seq: int, newest: Checkpoint) -> Iterator[Step]:
    size, read = newest.size, proofs.hash_reader(newest.size)
    try:
        told = note.Checkpoint.parse(note.parse(newest.note).text)
        path = inclusion_path(read, seq, size)
        check_inclusion(leaf_hash(bytes(event.body)), seq, told.size, path, told.root)
    except (BadProof, note.BadNote, ValueError) as error:
        yield Step(BAD, f"It is NOT proved to be entry #{seq:,} of the log", str(error))
        return
    yield Step(
        GOOD,
        f"It is entry #{seq:,} of the {size:,} that the newest checkpoint signs",
        f"{len(path)} hashes lead from its leaf to the signed root.",
    )
    yield _signature(newest)
    first = proofs.checkpoint_beyond(seq)
    if first is not None:
        yield _grown(first, newest)


def _signature(newest: Checkpoint) -> Step:
    origin = f"{settings.LEDGER_ORIGIN}/ledger/{current_tenant_id()}"
    try:
        keys = [note.Verifier(origin, key.public) for key in checkpoint_keys().public_history()]
        signed = note.check(newest.note, keys)
        told = note.Checkpoint.parse(signed.text)
    except NoKeys as error:
        return Step(OPEN, "The checkpoint's signature could not be checked", str(error))
    except note.BadNote as error:
        return Step(BAD, "The checkpoint is NOT signed by a key of this log", str(error))
    if (told.origin, told.size, told.root) != (origin, newest.size, bytes(newest.root)):
        return Step(BAD, "The checkpoint speaks of another log or another state")
    ids = ", ".join(each.key_id.hex() for each in signed.signatures)
    return Step(GOOD, "The checkpoint is signed by this log's key", f"Ed25519, key {ids}.")


def _grown(first: Checkpoint, newest: Checkpoint) -> Step:
    if first.size == newest.size:
        return Step(GOOD, "The newest checkpoint is the first that signed it")
    try:
        path = consistency_path(proofs.hash_reader(newest.size), first.size, newest.size)
        check_consistency(first.size, newest.size, bytes(first.root), bytes(newest.root), path)
    except (BadProof, ValueError) as error:
        return Step(BAD, "The log did NOT only grow since this was signed", str(error))
    return Step(
        GOOD,
        "The log only grew since this was first signed",
        f"From {first.size:,} to {newest.size:,} entries, nothing before was changed or removed.",
    )
