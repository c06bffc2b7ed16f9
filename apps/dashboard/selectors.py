"""The home page as a whole. What it reads stands in `reads`, one small function per part."""

from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import User
from apps.dashboard import cards, reads
from apps.dashboard.cards import Card, Need, Reader, SetupStep
from apps.ledger import registry
from apps.ledger.standing import Standing, standing

TONES_BY_URGENCY = ("danger", "attention", "unknown", "neutral", "good")
__all__ = ["Overview", "overview", "reads"]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the home page shows. `steps` is empty once all of them are done."""

    sentences: list[str]
    needs: list[Need]
    cards: list[Card]
    steps: list[SetupStep]
    ledger: Standing
    last_words: str


def overview(*, user: User, held: frozenset[str], now: datetime) -> Overview:
    """The home page of the open tenant for one person."""
    reader = Reader(user, held, now)
    found = [need for read in cards.NEEDS for need in read(reader)]
    steps = [step for read in cards.STEPS if (step := read(reader))]
    log = standing(now=now)
    return Overview(
        sentences=[words for read in cards.SENTENCES if (words := read(reader))],
        needs=sorted(found, key=_urgency),
        cards=[card for read in cards.CARDS if (card := read(reader))],
        steps=[] if all(step.done for step in steps) else steps,
        ledger=log,
        last_words=registry.words_for(log.last.action) if log.last else "",
    )


def _urgency(need: Need) -> tuple[int, float]:
    deadline = need.until.timestamp() if need.until else float("inf")
    return TONES_BY_URGENCY.index(need.tone), deadline
