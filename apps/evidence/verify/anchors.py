"""Whether the checkpoint, or an earlier state it adds to, stands in the log of all logs."""

import base64
import json
from hashlib import sha256

from asn1crypto import cms

from apps.evidence.pack.positions import (
    ANCHOR_LEAF,
    ANCHOR_PATH,
    ANCHOR_PREFIX,
    ANCHOR_ROOT,
    ANCHOR_STAMPED,
)
from apps.ledger.merkle import BadProof, check_consistency, check_inclusion, leaf_hash
from apps.ledger.note import BadNote, Checkpoint, Verifier, check

from .attachments import Attached
from .ledger import InLedger
from .report import Exit, Problem


def is_anchored(attached: Attached) -> bool:
    """Whether the pack brings anchors."""
    return any(name.startswith(ANCHOR_PREFIX) for name in attached.places)


def check_anchors(attached: Attached, found: InLedger) -> tuple[str, list[str]]:
    """Check the way from the pack's checkpoint to the global one, and what each token stamps.

    Returns the names of timestamps whose own signatures are left to ``openssl ts -verify``.
    """
    try:
        return _check(attached, found)
    except (BadNote, BadProof, ValueError, KeyError, TypeError) as error:
        raise Problem(Exit.LEDGER, str(error), ANCHOR_LEAF) from error


def _check(attached: Attached, found: InLedger) -> tuple[str, list[str]]:
    leaf = json.loads(attached.files[ANCHOR_LEAF])
    text = check(str(leaf["note"]), found.believed).text
    anchored = Checkpoint.parse(text)
    _require_continued(attached, anchored, found.checkpoint)
    root = _global(attached, found)
    path = [base64.b64decode(each, validate=True) for each in leaf["path"]]
    check_inclusion(leaf_hash(text.encode()), int(leaf["index"]), root.size, path, root.root)
    stamps = _stamps(attached)
    said = (
        f"the first {anchored.size:,} events stand in the log of all logs ({root.size:,} entries), "
        f"and the checkpoint only adds to them; "
        f"{len(stamps)} timestamp{'' if len(stamps) == 1 else 's'} over it"
    )
    return said, stamps


def _require_continued(attached: Attached, old: Checkpoint, new: Checkpoint) -> None:
    told = json.loads(attached.files[ANCHOR_PATH])
    if (told["old"], told["new"], old.origin) != (old.size, new.size, new.origin):
        raise ValueError("the anchors speak of another log or of other sizes")
    path = [bytes.fromhex(each) for each in told["path"]]
    check_consistency(old.size, new.size, old.root, new.root, path)


def _global(attached: Attached, found: InLedger) -> Checkpoint:
    """The log of all logs is named like each log without its tenant; the same keys sign it."""
    origin = found.checkpoint.origin.rpartition("/")[0]
    own = [Verifier(origin, key.public) for key in found.believed]
    root = Checkpoint.parse(check(attached.files[ANCHOR_ROOT].decode("utf-8"), own).text)
    if root.origin != origin:
        raise ValueError("the global checkpoint is not of the log that holds this one")
    return root


def _stamps(attached: Attached) -> list[str]:
    names = sorted(name for name in attached.files if name.endswith(".tsr"))
    if not names:
        return names
    stamped = sha256(attached.files[ANCHOR_STAMPED]).digest()
    for name in names:
        token = cms.ContentInfo.load(attached.files[name], strict=True)
        info = token["content"]["encap_content_info"]["content"].parsed
        if info["message_imprint"]["hashed_message"].native != stamped:
            raise ValueError(f"{name} stamps something else than the global checkpoint")
    _require_same_text(attached)
    return names


def _require_same_text(attached: Attached) -> None:
    """Cosignatures are added behind; what was stamped is the note before them."""
    if not attached.files[ANCHOR_ROOT].startswith(attached.files[ANCHOR_STAMPED]):
        raise ValueError("what was stamped is not the global checkpoint")
