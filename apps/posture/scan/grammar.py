"""Tree-sitter: parsing source into trees, and the few steps that readers share."""

import faulthandler
import os
import resource
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Literal, NoReturn

from tree_sitter import Node, Parser, Tree
from tree_sitter_language_pack import get_parser

from .effort import (
    CHARACTERS_A_STEP,
    DEEPEST,
    MOST_NODES,
    NotFullyRead,
    is_out_of_time,
    seconds_left,
    spend,
)
from .findings import Place

Language = Literal["apex", "javascript", "html"]
LONGEST_LINE = 20_000  # minified libraries: generated elsewhere, not this org's own code
SMALL = 8 * 2**10  # is parsed at once (300 MB at worst); what is larger is tried out first
MOST_MEMORY = 2**30  # bytes; a million characters of honest code take a tenth
_TELL_EVERY = 64  # nodes
_STATM = Path("/proc/self/statm")


def parse(language: Language, data: bytes) -> Tree:
    """The syntax tree; what does not fit the grammar becomes ERROR nodes.

    Raises `NotFullyRead` for a file whose parsing takes too much time or memory.
    """
    parser = _parser(language)
    if len(data) > SMALL:
        _try_out(parser, data)
    return parser.parse(data)


def _try_out(parser: Parser, data: bytes) -> None:
    """Parse in a child first. Recovering from errors, the parser asks nobody whether to go on:
    64 KB of hostile text take it gigabytes, or end the process."""
    child = os.fork()
    if child == 0:
        _parse_and_end(parser, data)
    _, status = os.waitpid(child, 0)
    if status != 0 or is_out_of_time():
        raise NotFullyRead("parsing it takes too much time or memory")


def _parse_and_end(parser: Parser, data: bytes) -> NoReturn:
    try:
        faulthandler.disable()  # dying is one of the answers
        seconds = seconds_left()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        if _STATM.exists():  # other systems than Linux limit no address space
            most = _memory_now() + MOST_MEMORY
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        parser.parse(data)
        os._exit(0)
    finally:
        os._exit(1)


def _memory_now() -> int:
    """Bytes of address space in use (proc(5), `statm`)."""
    pages = int(_STATM.read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


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
