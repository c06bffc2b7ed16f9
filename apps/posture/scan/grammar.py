"""Tree-sitter: parsing source into trees, and the few steps that readers share."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Literal

from tree_sitter import Node, Parser, Tree
from tree_sitter_language_pack import get_parser

from .findings import Place

Language = Literal["apex", "javascript", "html"]
LONGEST_LINE = 20_000  # minified libraries: generated elsewhere, not this org's own code


def parse(language: Language, data: bytes) -> Tree:
    """The syntax tree; what does not fit the grammar becomes ERROR nodes, never an exception."""
    return _parser(language).parse(data)


@cache
def _parser(language: Language) -> Parser:
    return get_parser(language)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in order, without recursion."""
    return iter(_whole(node)) if node.parent is None else _below(node)


@lru_cache(maxsize=1)
def _whole(root: Node) -> tuple[Node, ...]:
    """A file's tree laid out once; its readers go through it a dozen times."""
    return tuple(_below(root))


def _below(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(found.named_children))


def text_of(node: Node | None) -> str:
    """The source of a node."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def place_of(node: Node, path: str, *, below: int = 0) -> Place:
    """Where a node stands; `below` lines further down when it was cut out of another file."""
    return Place(path, node.start_point[0] + 1 + below, node.start_point[1] + 1)


def is_minified(data: bytes) -> bool:
    """Whether some line is so long that no person wrote it."""
    return any(len(line) > LONGEST_LINE for line in data.split(b"\n"))
