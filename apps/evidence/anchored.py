"""The anchors of a pack's checkpoint as annexes, and the path from what was anchored to it."""

import json

from apps.evidence.pack.content import Annex
from apps.evidence.pack.language import Language
from apps.evidence.pack.positions import ANCHOR_LEAF, ANCHOR_PATH, ANCHOR_PREFIX
from apps.ledger.anchoring.export import anchor_files
from apps.ledger.merkle import consistency_path
from apps.ledger.note import Checkpoint
from apps.ledger.proofs import hash_reader

_MIMES = {".json": "application/json", ".tsr": "application/timestamp-reply"}


def anchor_annexes(size: int, say: Language) -> tuple[Annex, ...]:
    """Files of the newest anchors of at most that size; none before anything was anchored.

    What was anchored may be an earlier state of the log: the consistency path shows that the
    pack's checkpoint only added to it.
    """
    files = {_name(name): data for name, data in anchor_files(up_to=size)}
    if ANCHOR_LEAF not in files:
        return ()
    note = str(json.loads(files[ANCHOR_LEAF])["note"])
    anchored = Checkpoint.parse(note.rpartition("\n\n")[0] + "\n").size
    path = consistency_path(hash_reader(size), anchored, size)
    told = {"old": anchored, "new": size, "path": [each.hex() for each in path]}
    files[ANCHOR_PATH] = json.dumps(told, sort_keys=True).encode()
    return tuple(
        Annex(name=name, mime=_mime(name), data=data, description=say("annex.anchor"))
        for name, data in sorted(files.items())
    )


def _name(name: str) -> str:
    """Flat and with an ending, as annexes are named."""
    return f"{ANCHOR_PREFIX}{name}" if name != "checkpoint" else f"{ANCHOR_PREFIX}checkpoint.txt"


def _mime(name: str) -> str:
    return next((mime for end, mime in _MIMES.items() if name.endswith(end)), "text/plain")
