"""The ledger's tables, each in a file of its own."""

from apps.ledger.models.anchors import Anchor, AnchorProblem, RootCheckpoint, RootLeaf, RootNode
from apps.ledger.models.event import Event
from apps.ledger.models.tree import Batch, Checkpoint, Leaf, Tile

__all__ = [
    "Anchor",
    "AnchorProblem",
    "Batch",
    "Checkpoint",
    "Event",
    "Leaf",
    "RootCheckpoint",
    "RootLeaf",
    "RootNode",
    "Tile",
]
