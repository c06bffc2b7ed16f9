"""Which events may still be missing below what was read, and who could yet bring them.

Events carry numbers (`eid`) that the database hands out densely and in real time, each drawn after
its transaction has a number of its own (`xid`). So a committed event that a snapshot does not show
stands in a hole between the numbers that it shows, and its transaction was running when the
snapshot was taken. Holes and running transactions are remembered; when one of those has ended, the
next snapshot that knows it looks into the holes once. Nobody waits for a transaction that goes on,
here or in another database of the server.

Taking what is visible in the order of `eid` respects cause: whoever saw an event commit drew a
later number, and a snapshot that shows the later event shows the earlier one, too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

MOST_HOLES = 4096


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`pg_current_snapshot()`: transactions below `upto` have ended, except those `running`.

    `upto` is one more than the highest transaction that has *completed*; others may be running
    beyond it.
    """

    upto: int
    running: frozenset[int]

    @classmethod
    def parse(cls, written: str) -> Snapshot:
        """Read `xmin:xmax:xip,…`, as numbers: as text they would sort wrongly."""
        _, upto, running = written.split(":")
        return cls(int(upto), frozenset(map(int, filter(None, running.split(",")))))

    def has_ended(self, xid: int) -> bool:
        """Whether this transaction's rows show here if they were committed at all."""
        return xid < self.upto and xid not in self.running

    def begun(self, own: int) -> set[int]:
        """Transactions that may have been running, given a number drawn after the snapshot."""
        return {*self.running, *range(self.upto, own)} - {own}


@dataclass(frozen=True, slots=True)
class Hole:
    """Numbers from `first` to `last` that no snapshot has shown. `seen` is a transaction number
    drawn after the hole was: only transactions below it can fill it."""

    first: int
    last: int
    seen: int


@dataclass(slots=True)
class Order:
    """What was read so far. `running` maps a transaction to a number below all of its events."""

    hwm: int = 0
    holes: list[Hole] = field(default_factory=list)
    running: dict[int, int] = field(default_factory=dict)
    recovering: bool = False

    @classmethod
    def after(cls, low: int, hwm: int) -> Order:
        """Go on after a process that wrote down these marks and is gone."""
        return cls(hwm, [Hole(low + 1, hwm, 0)] if low < hwm else [], recovering=low < hwm)

    @property
    def low(self) -> int:
        """Up to here every event has its position or will never be."""
        return self.holes[0].first - 1 if self.holes else self.hwm

    def ended(self, snapshot: Snapshot) -> set[int]:
        """Transactions that may have filled holes and that this snapshot knows the end of."""
        return {xid for xid in self.running if snapshot.has_ended(xid)}

    def holes_for(self, ended: Iterable[int]) -> list[Hole]:
        """Where the events of these transactions can be."""
        above = min((self.running[xid] for xid in ended), default=self.hwm)
        return self.holes[bisect_right(self.holes, above, key=lambda hole: hole.last) :]

    def advanced(
        self,
        snapshot: Snapshot,
        *,
        own: int,
        late: Sequence[int],
        new: Sequence[int],
        ended: set[int],
    ) -> Order:
        """What is known once `late` and `new` numbers, each ascending, have been taken.

        `ended` are the transactions that were looked for to the end. `own` is needed, and drawn
        after the snapshot, when there are new numbers or a recovery comes to its end.
        """
        before = self.hwm
        hwm = new[-1] if new else before
        holes = self.without(late)
        holes += [
            Hole(left + 1, right - 1, own)
            for left, right in pairwise([before, *new])
            if right - left > 1
        ]
        running = {xid: above for xid, above in self.running.items() if xid not in ended}
        if self.recovering:
            holes = [Hole(hole.first, hole.last, own) for hole in holes]
        if new or self.recovering:
            above = self.low if self.recovering else before
            running = dict.fromkeys(snapshot.begun(own), above) | running
        oldest = min(running, default=own)
        holes = _bounded([hole for hole in holes if oldest < hole.seen] if running else [])
        return Order(hwm, holes, running if holes else {})

    def without(self, taken: Sequence[int]) -> list[Hole]:
        """The holes, less the numbers that have turned up."""
        left: list[Hole] = []
        for hole in self.holes:
            found = taken[bisect_left(taken, hole.first) : bisect_right(taken, hole.last)]
            edges = [hole.first - 1, *found, hole.last + 1]
            left += [
                Hole(low + 1, high - 1, hole.seen)
                for low, high in pairwise(edges)
                if high - low > 1
            ]
        return _bounded(left)


def joined(holes: Sequence[Hole], *, within: int) -> list[Hole]:
    """Holes that lie so near to each other become one: what is looked through in vain is safe."""
    found: list[Hole] = []
    for hole in holes:
        last = found[-1] if found else None
        if last and hole.first - last.last <= within:
            found[-1] = Hole(last.first, hole.last, max(last.seen, hole.seen))
        else:
            found.append(hole)
    return found


def _bounded(holes: list[Hole]) -> list[Hole]:
    """Of too many holes the older ones become fewer and wider."""
    if len(holes) <= MOST_HOLES:
        return holes
    half, within = MOST_HOLES // 2, 1
    old, recent = holes[:-half], holes[-half:]
    while len(old) > half:
        within *= 2
        old = joined(old, within=within)
    return old + recent
