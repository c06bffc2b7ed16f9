"""Checking a log where it lies: its rows against the checkpoints that were signed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from apps.ledger import coherence, note, rows
from apps.ledger.export.content import Finding
from apps.ledger.merkle import Frontier, leaf_hash
from apps.ledger.models import Checkpoint
from apps.ledger.tiles import HEIGHT, WIDTH
from apps.ledger.verify import CONSISTENCY, GAP, TREE, named

MOST_FINDINGS = 100


@dataclass(slots=True)
class Outcome:
    """What a check found, the worst first asked: see the verifier's exit codes."""

    began_with: int
    findings: list[Finding] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)
    not_proved: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The exit code of the first finding, 0 for none."""
        return self.findings[0].code if self.findings else 0

    def add(self, found: Iterator[Finding]) -> None:
        """Keep findings, a hundred at most: one is enough to fail."""
        room = MOST_FINDINGS - len(self.findings)
        self.findings += [finding for finding, _ in zip(found, range(room), strict=False)]


def check(
    newest: Checkpoint,
    *,
    verifiers: Sequence[note.Verifier],
    start: int = 0,
    pruned_below: int = 0,
    seen: tuple[int, bytes] | None = None,
) -> Outcome:
    """Hold the open tenant's log up to `newest` against its checkpoints.

    Entries before `start` are taken from the checkpoint of that size, which an earlier check held;
    bodies below `pruned_below` are gone by rule, their leaves stand in for them. `seen` is size and
    root of the last good check: the log may only have grown since.
    """
    known = Checkpoint.objects.filter(size=start).first() if start else None
    outcome = Outcome(start if known else 0)
    outcome.add(_continues(newest, seen))
    growing = _Growing(_frontier(known), pruned_below)
    for each in rows.checkpoints(outcome.began_with, newest.size):
        outcome.add(coherence.of_checkpoints(each, verifiers=list(verifiers)))
        outcome.add(growing.up_to(each))
    outcome.add(coherence.of_positions(outcome.began_with, newest.size))
    outcome.add(coherence.of_tile_roots(outcome.began_with, newest.size))
    outcome.add(upper_tiles(outcome.began_with, newest.size))
    outcome.add(coherence.of_outsiders(newest))
    _say(outcome, newest, pruned_below)
    return outcome


def upper_tiles(start: int, size: int) -> Iterator[Finding]:
    """Full tiles above the leaves against the tiles below them."""
    level = 1
    while size >> (HEIGHT * (level + 1)):
        reach = HEIGHT * (level + 1)
        for index in range(start >> reach, size >> reach):
            kept = rows.full_tile(level, index)
            made = rows.made_tile(level, index, WIDTH)
            if kept != made:
                what = "is missing" if kept is None else "is not made of the tiles below it"
                yield Finding(TREE, f"ledger_tile {level}/{index} {what}")
        level += 1


class _Growing:
    """The tree as it grows from one checkpoint to the next."""

    def __init__(self, frontier: Frontier, pruned_below: int) -> None:
        self.frontier, self.pruned_below = frontier, pruned_below
        self.damaged = False

    def up_to(self, checkpoint: Checkpoint) -> Iterator[Finding]:
        """Append the entries up to a checkpoint; its root has to be the one that was signed."""
        found: list[Finding] = []
        for low in range(self.frontier.size, checkpoint.size, rows.SLICE):
            high = min(checkpoint.size, low + rows.SLICE)
            self.frontier.append_many([self._leaf(e, found) for e in rows.entries(low, high)])
        yield from found
        if not self.damaged and self.frontier.root() != _signed_root(checkpoint):
            self.damaged = True  # every later root differs too
            entries = f"the first {checkpoint.size:,} entries"
            yield Finding(TREE, f"{entries} do not give the root of the checkpoint over them")

    def _leaf(self, entry: rows.Entry, found: list[Finding]) -> bytes:
        kept = entry.leaf or bytes(32)
        if entry.body is None:
            if entry.seq >= self.pruned_below:
                words = f"event {entry.event_id or 'unknown'} at position {entry.seq:,} is missing"
                found.append(Finding(GAP, words))
            return kept
        if (made := leaf_hash(entry.body)) != kept:
            words = f"{named(entry.body)} at position {entry.seq:,} is not what was signed"
            found.append(Finding(TREE, words))
        return made


def _continues(newest: Checkpoint, seen: tuple[int, bytes] | None) -> Iterator[Finding]:
    if seen is None:
        return
    size, root = seen
    then = Checkpoint.objects.filter(size=size).first()
    if newest.size < size:
        words = f"the log had {size:,} entries and now ends at {newest.size:,}: it was set back"
        yield Finding(CONSISTENCY, words)
    elif then is None or _signed_root(then) != root:
        words = f"the first {size:,} entries are not those that were verified before"
        yield Finding(CONSISTENCY, words)


def _frontier(known: Checkpoint | None) -> Frontier:
    if known is None:
        return Frontier()
    return Frontier.from_bytes(known.size, bytes(known.frontier))


def _signed_root(checkpoint: Checkpoint) -> bytes:
    try:
        return note.Checkpoint.parse(note.parse(checkpoint.note).text).root
    except note.BadNote:
        return b""  # said already


def _say(outcome: Outcome, newest: Checkpoint, pruned_below: int) -> None:
    if not outcome.findings:
        count = newest.size - outcome.began_with
        outcome.proved = [
            f"{count:,} entries give the root that was signed over all {newest.size:,}",
            "no position is empty, no event stands outside",
            "leaves, tiles, checkpoints and columns say the same",
        ]
    if outcome.began_with:
        outcome.not_proved.append(
            f"the first {outcome.began_with:,} entries were not read again; the next full check"
            " reads all of them"
        )
    if pruned_below:
        outcome.not_proved.append(f"what the {pruned_below:,} pruned entries said")
    outcome.not_proved.append(
        "that this console shows everyone the same history: hold an export against an anchor"
    )
