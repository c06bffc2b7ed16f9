"""The seven steps of the main job, in order, each by name."""

from collections.abc import Callable

from apps.demo.steps import baseline, connect, emergency, pack, review, snapshot, sync
from apps.demo.steps.run import Run

STEPS: tuple[tuple[str, Callable[[Run], None]], ...] = (
    ("connect the org", connect.do),
    ("read its inventory", snapshot.do),
    ("approve a baseline and see what deviates", baseline.do),
    ("summarise open cases inside the zone, and be refused outside it", sync.do),
    ("emergency access: two signatures, a token, its end and its death", emergency.do),
    ("review access, revoke, and prove it gone", review.do),
    ("download a signed pack and check it offline", pack.do),
)
