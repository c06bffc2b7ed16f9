"""Who records: every process is a source and numbers its events, per tenant, from 1.

A number that was acknowledged and is missing from the ledger tells that an event was lost. Numbers
of acts that were rolled back are never acknowledged, so numbers may be left out.
"""

import itertools
import os
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Source:
    """A process since its start."""

    id: uuid.UUID = field(default_factory=uuid.uuid4)
    counters: dict[uuid.UUID, Iterator[int]] = field(
        default_factory=lambda: defaultdict(lambda: itertools.count(1))
    )

    def next_number(self, tenant_id: uuid.UUID) -> int:
        """This source's next number in that tenant; threads never share one."""
        return next(self.counters[tenant_id])


_this_process: list[Source] = [Source()]


def current_source() -> Source:
    """The source that this process is."""
    return _this_process[0]


def _become_another() -> None:
    _this_process[0] = Source()


os.register_at_fork(after_in_child=_become_another)
