"""The ledger's tables, each in a file of its own."""

from apps.ledger.models.event import Event

__all__ = ["Event"]
