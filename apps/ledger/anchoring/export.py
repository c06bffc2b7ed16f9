"""The anchors of the open tenant's log as files, for exports and evidence packs."""

import base64
import json
import re

from apps.ledger.anchoring.reading import Holding, cosigned, holding
from apps.ledger.models import Anchor
from apps.ledger.models.anchors import AnchorKind
from apps.ledger.proofs import tlog_proof


def anchor_files(*, up_to: int | None = None) -> list[tuple[str, bytes]]:
    """Names without directory, and contents; none before the tenant's log was anchored.

    `leaf.json` and `leaf.tlog-proof`: the tenant's checkpoint (of at most `up_to` entries) and its
    path into the log of logs; `checkpoint`: the global checkpoint with witnesses' cosignatures;
    `checkpoint.stamped`: the same without them, which is what timestamps and objects hold;
    `timestamp-….tsr`: RFC 3161 tokens in DER; `object-….json`: where a locked copy lies.
    """
    found = holding(up_to=up_to)
    if found is None:
        return []
    note = cosigned(found.root)
    files = [
        ("checkpoint", note.encode()),
        ("checkpoint.stamped", str(found.root.note).encode()),
        ("leaf.json", _leaf(found)),
        ("leaf.tlog-proof", tlog_proof(found.leaf.idx, found.path, note).encode()),
    ]
    for anchor in Anchor.objects.filter(size=found.root.size).order_by("kind", "place"):
        name = re.sub(r"[^a-z0-9.]+", "-", anchor.place.lower()).strip("-.")
        if anchor.kind == AnchorKind.TIMESTAMP:
            files.append((f"timestamp-{name}.tsr", bytes(anchor.proof)))
        elif anchor.kind == AnchorKind.OBJECT:
            files.append((f"object-{name}.json", bytes(anchor.proof)))
    return files


def _leaf(found: Holding) -> bytes:
    document = {
        "index": found.leaf.idx,
        "note": found.checkpoint.note,
        "path": [base64.b64encode(each).decode() for each in found.path],
    }
    return json.dumps(document, sort_keys=True).encode() + b"\n"
