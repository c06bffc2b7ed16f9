"""One step of checking an event, in words for its page."""

from dataclasses import dataclass

GOOD, BAD, OPEN = "good", "danger", "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at. `tone` is good (proved), danger (refuted) or unknown."""

    tone: str
    words: str
    detail: str = ""
