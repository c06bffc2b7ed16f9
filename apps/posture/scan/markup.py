"""Pages and components: what they load, embed and post to. Links that people follow are no
calls.
"""

import re
from pathlib import PurePosixPath

from tree_sitter import Node

from .context import Context
from .grammar import first_error, parent_of, parse, place_of, text_of, walk
from .hosts import URL
from .javascript import is_library, read_javascript

_LOADS = {
    "script": "src", "iframe": "src", "img": "src", "link": "href", "form": "action",
    "object": "data", "embed": "src", "source": "src", "video": "src", "audio": "src",
    "apex:iframe": "src", "apex:includescript": "value", "apex:stylesheet": "value",
    "apex:image": "value", "ltng:require": "scripts", "flexipage:iframe": "src",
}  # fmt: skip

_MERGED = re.compile(rb"\{![^{}]*\}")  # `{!expression}` of Visualforce stands for a value


def read_markup(path: str, data: bytes, context: Context) -> None:
    """Read a Visualforce page, an Aura component or a Lightning template."""
    root = parse("html", data).root_node
    source = f"Page {PurePosixPath(path).name}"
    if not is_library(path):
        context.check_whole(first_error(root), path, "markup")
    for node in walk(root):
        if node.type in {"start_tag", "self_closing_tag"}:
            _read_tag(node, path, context, source)
        elif node.type == "raw_text" and _is_script(parent_of(node)):
            script = _MERGED.sub(_as_name, (node.text or b"").rstrip())
            read_javascript(path, script, context, below=node.start_point[0])


def _is_script(node: Node | None) -> bool:
    return node is not None and node.type == "script_element"


def _as_name(merged: re.Match[bytes]) -> bytes:
    """A name as long as the expression, with its line breaks, so that places stay right."""
    return re.sub(rb"[^\n]", b"_", merged.group())


def _read_tag(tag: Node, path: str, context: Context, source: str) -> None:
    name, given = "", {}
    for child in tag.named_children:
        if child.type == "tag_name":
            name = text_of(child).lower()
        elif child.type == "attribute" and child.named_children:
            key, value = child.named_children[0], child.named_children[-1]
            given[text_of(key).lower()] = (text_of(value).strip("'\""), child)
    wanted = _LOADS.get(name)
    if wanted is None or wanted not in given:
        return
    if name == "link" and "stylesheet" not in given.get("rel", ("", tag))[0]:
        return
    url, attribute = given[wanted]
    if URL.match(url):
        context.calls(url, place_of(attribute, path), source=source)
