"""XML as a small tree that knows its lines. Entities and DTDs are refused (defusedxml)."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

DEEPEST = 200
MOST_ELEMENTS = 500_000  # ten times the largest profile


class NotXML(Exception):
    """The bytes are no XML that we read; the message says where it ends."""


@dataclass(slots=True)
class Node:
    """An element without its namespace."""

    tag: str
    line: int
    column: int
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def find(self, tag: str) -> "Node | None":
        """The first child of that name."""
        return next((child for child in self.children if child.tag == tag), None)

    def all(self, tag: str) -> list["Node"]:
        """Every child of that name."""
        return [child for child in self.children if child.tag == tag]

    def value(self, tag: str) -> str:
        """The text of the first child of that name, or ""."""
        found = self.find(tag)
        return found.text if found else ""

    def walk(self) -> "list[Node]":
        """This element and everything below it, in order."""
        found, waiting = [], [self]
        while waiting:
            node = waiting.pop()
            found.append(node)
            waiting.extend(reversed(node.children))
        return found


def parse(data: bytes) -> Node:
    """The root element. Raises `NotXML`."""
    handler = _Builder()
    parser: Any = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    try:
        parser.parse(BytesIO(data.lstrip(b"\xef\xbb\xbf \t\r\n")))
    except DefusedXmlException as error:
        raise NotXML("it declares entities or a document type, which is refused") from error
    except (SAXException, ValueError, LookupError) as error:
        raise NotXML(f"it is not well-formed XML: {_short(error)}") from error
    if handler.root is None:
        raise NotXML("it is empty")
    return handler.root


def _short(error: Exception) -> str:
    line = getattr(error, "getLineNumber", lambda: None)()
    message = getattr(error, "getMessage", lambda: str(error))()
    return f"{message} (line {line})" if line else str(message)


class _Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root: Node | None = None
        self._open: list[Node] = []
        self._texts: list[list[str]] = []
        self._locator: Any = None
        self._count = 0

    def setDocumentLocator(self, locator: Any) -> None:
        self._locator = locator

    def startElement(self, name: str, attrs: Any) -> None:
        if len(self._open) >= DEEPEST:
            raise ValueError(f"elements nest deeper than {DEEPEST}")
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise ValueError(f"it holds more than {MOST_ELEMENTS:,} elements")
        line, column = self._locator.getLineNumber(), self._locator.getColumnNumber() + 1
        node = Node(name.rpartition(":")[2], line, column)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._texts.append([])

    def characters(self, content: str) -> None:
        if self._texts:
            self._texts[-1].append(content)

    def endElement(self, name: str) -> None:
        self._open.pop().text = "".join(self._texts.pop()).strip()
