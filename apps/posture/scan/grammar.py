"""Tree-sitter: parsing source into trees, and the few steps that readers share."""

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import count
from typing import Literal

from tree_sitter import Node, Parser, Tree
from tree_sitter_language_pack import get_parser

from .effort import (
    CHARACTERS_A_STEP,
    DEEPEST,
    MOST_NODES,
    NotFullyRead,
    is_out_of_time,
    spend,
)
from .findings import Place

Language = Literal["apex", "javascript", "html"]
LONGEST_LINE = 20_000  # minified libraries: generated elsewhere, not this org's own code
SMALL = 64 * 2**10  # is parsed at once; what is larger is tried out first
_PIECE = 16 * 2**10
_TELL_EVERY = 64  # nodes


def parse(language: Language, data: bytes) -> Tree:
    """The syntax tree; what does not fit the grammar becomes ERROR nodes.

    Raises `NotFullyRead` for a large file whose parsing takes too long.
    """
    parser = _parser(language)
    if len(data) > SMALL:
        _try_out(parser, data)
    return parser.parse(data)


def _try_out(parser: Parser, data: bytes) -> None:
    """Parse in pieces, which can be given up. Texts of such a tree are slow, so it is not kept."""
    try:
        parser.parse(
            lambda offset, _: data[offset : offset + _PIECE],
            progress_callback=lambda *_: is_out_of_time(),
        )
    except ValueError as failure:
        parser.reset()
        raise NotFullyRead("parsing it takes too long") from failure


@cache
def _parser(language: Language) -> Parser:
    return get_parser(language)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in order, without recursion."""
    if node.parent is not None:
        return _below(node)
    whole = _whole(node)
    spend(len(whole))
    return iter(whole)


@lru_cache(maxsize=1)
def _whole(root: Node) -> tuple[Node, ...]:
    """A file's tree laid out once; its readers go through it a dozen times."""
    found: list[Node] = []
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        found.append(node)
        if depth > DEEPEST:
            raise NotFullyRead(f"it nests deeper than {DEEPEST:,} levels")
        if len(found) > MOST_NODES:
            raise NotFullyRead(f"it holds more than {MOST_NODES:,} parts")
        waiting.extend([(child, depth + 1) for child in reversed(node.named_children)])
    return tuple(found)


def _below(node: Node) -> Iterator[Node]:
    waiting = [node]
    for number in count(1):
        if not waiting:
            return
        found = waiting.pop()
        if number % _TELL_EVERY == 0:
            spend(_TELL_EVERY)
        yield found
        waiting.extend(reversed(found.named_children))


def parent_of(node: Node) -> Node | None:
    """The node above. The tree is searched from its root, so this costs the more the deeper."""
    spend(1)
    return node.parent


def text_of(node: Node | None) -> str:
    """The source of a node."""
    text = node.text if node is not None else None
    if text is None:
        return ""
    if len(text) > CHARACTERS_A_STEP:
        spend(len(text) // CHARACTERS_A_STEP)
    return text.decode("utf-8", "replace")


def place_of(node: Node, path: str, *, below: int = 0) -> Place:
    """Where a node stands; `below` lines further down when it was cut out of another file."""
    return Place(path, node.start_point[0] + 1 + below, node.start_point[1] + 1)


def first_error(root: Node) -> Node | None:
    """The first part that does not fit the grammar."""
    if not root.has_error:
        return None
    return next((node for node in walk(root) if node.is_error or node.is_missing), root)


def is_minified(data: bytes) -> bool:
    """Whether some line is so long that no person wrote it."""
    return any(len(line) > LONGEST_LINE for line in data.split(b"\n"))
