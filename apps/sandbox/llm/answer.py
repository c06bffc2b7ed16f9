"""The stand-in model: a summary made of the prompt's own words, the same each time."""

import re
from typing import Any

_PLACEHOLDER = re.compile(r"\[\[[A-Z][A-Z0-9_]*\]\]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_MOST_SENTENCES = 3


def text_of(message: dict[str, Any]) -> str:
    """A message's text, whether written plainly or in parts."""
    content = message.get("content") or ""
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)


def summarise(messages: list[dict[str, Any]]) -> str:
    """The first sentences of the last user message, and every placeholder in it once."""
    asked = [text_of(each) for each in messages if each.get("role") == "user"]
    prompt = asked[-1] if asked else ""
    sentences = [each.strip() for each in _SENTENCE_END.split(prompt) if each.strip()]
    summary = "Summary: " + " ".join(sentences[:_MOST_SENTENCES])
    missing = [each for each in placeholders(prompt) if each not in summary]
    return f"{summary} Also mentioned: {', '.join(missing)}." if missing else summary


def placeholders(text: str) -> list[str]:
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def count_tokens(text: str) -> int:
    return len(_TOKEN.findall(text))


def cut(text: str, most: int | None) -> tuple[str, str]:
    """The text within the token limit, and why it ended: `stop` or `length`."""
    ends = [match.end() for match in _TOKEN.finditer(text)]
    if most is None or len(ends) <= most:
        return text, "stop"
    return text[: ends[most - 1]] if most else "", "length"
