"""The ledger's tables, each in a file of its own."""

from apps.ledger.models.anchors import Anchor, AnchorProblem, RootCheckpoint, RootLeaf, RootNode
from apps.ledger.models.event import Event
from apps.ledger.models.receipt import Receipt
from apps.ledger.models.retention import HoldRelease, LegalHold, PruneMark, RetentionPolicy
from apps.ledger.models.tree import Batch, Checkpoint, Leaf, Tile
from apps.ledger.models.verification import LogExport, Verification

__all__ = [
    "Anchor",
    "AnchorProblem",
    "Batch",
    "Checkpoint",
    "Event",
    "HoldRelease",
    "Leaf",
    "LegalHold",
    "LogExport",
    "PruneMark",
    "Receipt",
    "RetentionPolicy",
    "RootCheckpoint",
    "RootLeaf",
    "RootNode",
    "Tile",
    "Verification",
]
