"""The ledger's tables, each in a file of its own."""

from apps.ledger.models.event import Event
from apps.ledger.models.tree import Batch, Checkpoint, Leaf, Tile

__all__ = ["Batch", "Checkpoint", "Event", "Leaf", "Tile"]
