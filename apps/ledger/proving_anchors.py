"""Checking what others outside hold of an event: its log in the log of logs, and their word."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from apps.ledger import note, proofs
from apps.ledger.anchoring import config, reading
from apps.ledger.merkle import BadProof, check_inclusion, inclusion_path, leaf_hash
from apps.ledger.models import Anchor, Checkpoint, Event, RootCheckpoint, RootLeaf
from apps.ledger.models.anchors import AnchorKind
from apps.ledger.steps import BAD, GOOD, OPEN, Step
from apps.ledger.timestamps.chain import load_roots
from apps.ledger.timestamps.errors import TokenBad
from apps.ledger.timestamps.token import check_token
from apps.ledger.witness.cosignature import Witness, read_lines


def anchored(event: Event, seq: int) -> Iterator[Step]:
    """The first anchors that cover the position: the way to them, and each one's own proof."""
    first = proofs.anchor_beyond(seq)
    leaf = RootLeaf.objects.filter(size__gt=seq).order_by("size").first()
    root = RootCheckpoint.objects.filter(size=first.size).first() if first else None
    if first is None or leaf is None or root is None:
        yield Step(
            OPEN,
            "Nobody outside holds it yet",
            "Until an anchor covers it, this console's own keys are all that vouches for it.",
        )
        return
    yield _in_log_of_logs(event, seq, leaf, root)
    for anchor in Anchor.objects.filter(size=root.size).order_by("kind", "place"):
        yield _held(anchor, root)


def _in_log_of_logs(event: Event, seq: int, leaf: RootLeaf, root: RootCheckpoint) -> Step:
    try:
        ours = Checkpoint.objects.get(size=leaf.size)
        text = note.parse(ours.note).text
        told = note.Checkpoint.parse(text)
        path = inclusion_path(proofs.hash_reader(told.size), seq, told.size)
        check_inclusion(leaf_hash(bytes(event.body)), seq, told.size, path, told.root)
        above = note.Checkpoint.parse(note.check(root.note, config.our_verifiers()).text)
        path = inclusion_path(reading.root_hashes(above.size), leaf.idx, above.size)
        check_inclusion(leaf_hash(text.encode()), leaf.idx, above.size, path, above.root)
    except (BadProof, note.BadNote, ValueError, LookupError, Checkpoint.DoesNotExist) as error:
        return Step(BAD, "It is NOT proved to be in what others hold", str(error))
    return Step(
        GOOD,
        f"Its log's checkpoint of {told.size:,} is entry #{leaf.idx:,} of the log of logs",
        f"{len(path)} hashes lead to the root over {above.size:,}, signed by this console's key.",
    )


def _held(anchor: Anchor, root: RootCheckpoint) -> Step:
    match anchor.kind:
        case AnchorKind.TIMESTAMP:
            return _stamped(anchor, root)
        case AnchorKind.WITNESS:
            return _cosigned(anchor, root)
    return Step(
        OPEN,
        f"A locked copy of it is kept: {anchor.place}",
        "Look there with another login, so as not to trust this console.",
    )


def _stamped(anchor: Anchor, root: RootCheckpoint) -> Step:
    try:
        roots = load_roots(Path(settings.LEDGER_TIMESTAMP_ROOTS))
    except (OSError, ValueError):
        words = f"The timestamp of {anchor.place} could not be checked"
        return Step(OPEN, words, "No roots of timestamp services are known here.")
    try:
        stamp = check_token(bytes(anchor.proof), sha256(root.note.encode()).digest(), roots=roots)
    except TokenBad as error:
        return Step(BAD, f"The timestamp of {anchor.place} does NOT hold", str(error))
    at = f"{stamp.at:%Y-%m-%d %H:%M:%S} UTC"
    return Step(GOOD, f"{anchor.place} stamped it at {at}", f"RFC 3161, signed by {stamp.service}.")


def _cosigned(anchor: Anchor, root: RootCheckpoint) -> Step:
    lines = (written.partition(" ")[2] for written in settings.LEDGER_WITNESSES)
    try:
        known = [one for one in map(Witness.parse, lines) if one.name[:200] == anchor.place]
        text = note.parse(root.note).text
        good = read_lines(text, bytes(anchor.proof).decode(), known)
    except (note.BadNote, ValueError) as error:
        return Step(BAD, f"The cosignature of {anchor.place} cannot be read", str(error))
    if not known:
        words = f"The cosignature of {anchor.place} could not be checked"
        return Step(OPEN, words, "This witness's key is not in the settings any more.")
    times = [at for each in good if (at := known[0].time_of(text, each))]
    if not times:
        return Step(BAD, f"The cosignature of {anchor.place} does NOT hold")
    words = f"Witness {anchor.place} cosigned it at {max(times):%Y-%m-%d %H:%M:%S} UTC"
    return Step(GOOD, words, "That it continued all that the witness had seen before.")
