"""Words for numbers."""


def counted(count: int, noun: str) -> str:
    """`1 event`, `2 events`, `1,204 events`; for nouns whose plural ends in s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
