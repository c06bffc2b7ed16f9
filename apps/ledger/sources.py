"""Who records: every process is a source and numbers its events, per tenant, from 1.

A number that was acknowledged after its commit and is missing from the ledger tells that an event
was lost. Numbers of acts that were rolled back are never acknowledged, so numbers may be left out.
"""

import itertools
import os
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(slots=True)
class Source:
    """A process since its start. `last_at` is when it last saw an event of a tenant committed."""

    id: uuid.UUID = field(default_factory=uuid.uuid4)
    name: str = "process"
    last_at: dict[uuid.UUID, datetime] = field(default_factory=dict)
    _counters: dict[uuid.UUID, Iterator[int]] = field(
        default_factory=lambda: defaultdict(lambda: itertools.count(1))
    )
    _acknowledged: dict[uuid.UUID, set[int]] = field(default_factory=lambda: defaultdict(set))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next_number(self, tenant_id: uuid.UUID) -> int:
        """This source's next number in that tenant; threads never share one."""
        return next(self._counters[tenant_id])

    def acknowledge(self, tenant_id: uuid.UUID, number: int) -> None:
        """The event of that number is committed."""
        with self._lock:
            self._acknowledged[tenant_id].add(number)
            self.last_at[tenant_id] = datetime.now(UTC)

    def take_acknowledged(self, tenant_id: uuid.UUID) -> set[int]:
        """The numbers acknowledged since they were last taken."""
        with self._lock:
            return self._acknowledged.pop(tenant_id, set())

    def put_back(self, tenant_id: uuid.UUID, numbers: Iterable[int]) -> None:
        """What was taken could not be written down."""
        with self._lock:
            self._acknowledged[tenant_id].update(numbers)


_this_process: list[Source] = [Source()]


def current_source() -> Source:
    """The source that this process is."""
    return _this_process[0]


def _become_another() -> None:
    _this_process[0] = Source()


os.register_at_fork(after_in_child=_become_another)
