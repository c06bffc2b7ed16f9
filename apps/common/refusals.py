"""Where refusals are remembered. The ledger stands above this floor, so it introduces itself."""

from collections.abc import Callable

from apps.common.actors import Actor
from apps.common.errors import Denied

Recorder = Callable[[Actor, Denied], None]
_recorders: list[Recorder] = []


def remember_with(recorder: Recorder) -> None:
    """Name the one function that records refusals; called when the ledger's app is ready."""
    _recorders[:] = [recorder]


def record_refusal(actor: Actor, denied: Denied) -> None:
    """Record that `actor` was refused. Raises when nobody remembers: an unseen no is a fault."""
    if not _recorders:
        raise RuntimeError("no recorder for refusals has been registered")
    _recorders[0](actor, denied)
