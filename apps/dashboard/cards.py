"""What the home page is made of, and the register of functions that read it.

Adding a part is one function in `reads`, decorated with `card`, `needs`, `sentence` or
`setup_step`. What a reader may not see, the function leaves out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from apps.accounts.models import User
from apps.common.routes import address_for

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, with which powers, and when. Remembers what several parts of a page read."""

    user: User
    powers: frozenset[str]
    now: datetime
    _seen: dict[Callable[[], Any], Any] = field(default_factory=dict, repr=False)

    def address(self, url_name: str, *args: object) -> str:
        """Where a page is; empty when there is none that the reader may open."""
        return address_for(self.powers, url_name, *args)

    def once(self, read: Callable[[], T]) -> T:
        """What `read` returns, asked once per page."""
        if read not in self._seen:
            self._seen[read] = read()
        seen: T = self._seen[read]
        return seen


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for this person. `until` runs down; `since` says how old it is."""

    tone: str
    kind: str
    words: str
    url: str
    until: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on a card and how it stands."""

    words: str
    tone: str
    status: str
    url: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What a card is for while it is empty, with the first step where one may take it."""

    words: str
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A few lines that answer one question, and the page that answers it fully."""

    title: str
    lines: tuple[Line, ...] = ()
    empty: Empty | None = None
    url: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step on the way from an empty tenant to a governed one."""

    words: str
    why: str
    url: str
    action: str
    done: bool


ReadNeeds = Callable[[Reader], list[Need]]
ReadCard = Callable[[Reader], Card | None]
ReadSentence = Callable[[Reader], str]
ReadStep = Callable[[Reader], SetupStep | None]

NEEDS: list[ReadNeeds] = []
CARDS: list[ReadCard] = []
SENTENCES: list[ReadSentence] = []
STEPS: list[ReadStep] = []


def needs(read: ReadNeeds) -> ReadNeeds:
    """Register a function that lists what waits for the reader."""
    NEEDS.append(read)
    return read


def card(read: ReadCard) -> ReadCard:
    """Register a card; it shows in the order of registration, and not at all when it is None."""
    CARDS.append(read)
    return read


def sentence(read: ReadSentence) -> ReadSentence:
    """Register a sentence for the top of the page; an empty one is left out."""
    SENTENCES.append(read)
    return read


def setup_step(read: ReadStep) -> ReadStep:
    """Register a step of the first day; None hides it from who cannot take it."""
    STEPS.append(read)
    return read
