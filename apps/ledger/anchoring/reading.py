"""What the open tenant may know of the log of logs and its anchors. Needs a tenant scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from apps.ledger.merkle import Hashes, inclusion_path
from apps.ledger.models import Anchor, AnchorProblem, Checkpoint, RootCheckpoint, RootLeaf, RootNode
from apps.ledger.models.anchors import AnchorKind

SHOWN = 50  # anchors and problems told at once


@dataclass(frozen=True, slots=True)
class Holding:
    """The tenant's checkpoint as an entry of the log of logs, under one global checkpoint."""

    leaf: RootLeaf
    checkpoint: Checkpoint
    root: RootCheckpoint
    path: Sequence[bytes]


def latest_root() -> RootCheckpoint | None:
    """The newest signed state of the log of logs."""
    return RootCheckpoint.objects.order_by("-size").first()


def anchored_root(size: int) -> RootCheckpoint | None:
    """The newest global checkpoint of more than `size` entries that somebody outside holds."""
    held = Anchor.objects.filter(size__gt=size).order_by("-size").values("size")[:1]
    return RootCheckpoint.objects.filter(size__in=held).first()


def last_anchor_at() -> datetime | None:
    """When somebody outside last told that he holds a checkpoint over the open tenant's log."""
    first = RootLeaf.objects.order_by("size").first()
    if first is None:
        return None
    newest = Anchor.objects.filter(size__gt=first.idx).order_by("-size", "-at").first()
    return newest.at if newest else None


def holding(*, up_to: int | None = None) -> Holding | None:
    """The newest checkpoint of the tenant, of at most `up_to` entries, that is in the log of logs.

    Under the newest global checkpoint that somebody outside holds, or else the newest of all.
    """
    leaves = RootLeaf.objects.order_by("-size")
    if up_to is not None:
        leaves = leaves.filter(size__lte=up_to)
    leaf = leaves.first()
    if leaf is None:
        return None
    root = anchored_root(leaf.idx) or latest_root()
    checkpoint = Checkpoint.objects.filter(size=leaf.size).first()
    if root is None or checkpoint is None:
        return None
    path = inclusion_path(root_hashes(root.size), leaf.idx, root.size)
    return Holding(leaf, checkpoint, root, path)


def root_hashes(size: int) -> Hashes:
    """Read the tree of the log of logs at `size` entries. A hole raises `LookupError`."""
    # A path's nodes are complete subtrees left and right of one leaf: few, read one by one.

    def hash_at(level: int, index: int) -> bytes:
        if (index + 1) << level > size:
            raise LookupError(f"the subtree {level}/{index} is not complete in {size}")
        row = RootNode.objects.filter(level=level, idx=index).values_list("hash", flat=True)
        found = row.first()
        if found is None:
            raise LookupError(f"the log of logs lacks the node {level}/{index}")
        return bytes(found)

    return hash_at


def cosigned(root: RootCheckpoint) -> str:
    """The global checkpoint's note with every witness's cosignature that we have."""
    rows = Anchor.objects.filter(size=root.size, kind=AnchorKind.WITNESS).order_by("place")
    return str(root.note) + "".join(bytes(row.proof).decode() for row in rows)


def recent_anchors() -> Sequence[Anchor]:
    """The newest anchors, newest first."""
    return list(Anchor.objects.order_by("-size", "kind", "place")[:SHOWN])


def open_problems() -> Sequence[AnchorProblem]:
    """The newest problem of each place that no later anchor there has answered, and refusals to
    sign that nobody has lifted."""
    later = Anchor.objects.filter(
        kind=models.OuterRef("kind"),
        place=models.OuterRef("place"),
        size__gte=models.OuterRef("size"),
    )
    rows = AnchorProblem.objects.annotate(held=models.Exists(later)).order_by("-at", "-id")
    newest: dict[tuple[str, str], AnchorProblem] = {}
    for problem in rows[:SHOWN]:
        newest.setdefault((problem.kind, problem.place), problem)
    open_ones = [each for each in newest.values() if each.code != "resumed"]
    return [each for each in open_ones if not each.held]  # type: ignore[attr-defined]
