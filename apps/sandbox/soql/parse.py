"""From the text of a query to its tree."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from apps.sandbox.errors import ApiError
from apps.sandbox.soql import tree
from apps.sandbox.soql.grammar import GRAMMAR
from apps.sandbox.times import read_date, read_stamp

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ZONE_WITHOUT_COLON = re.compile(r"([+ -]\d\d)(\d\d)$")


def pointed(text: str, line: int, column: int, message: str) -> str:
    """The message under the query text with a caret at the place of the mistake."""
    lines = text.split("\n")
    shown = "\n".join(lines[:line])
    caret = " " * (column - 1) + "^"
    return f"\n{shown}\n{caret}\nERROR at Row:{line}:Column:{column}\n{message}"


def parse(text: str) -> tree.Query:
    """Parse a query. Raises ApiError MALFORMED_QUERY with the place of the mistake."""
    try:
        parsed: Any = _PARSER.parse(text)
    except UnexpectedInput as error:
        raise _malformed(text, error) from error
    except ValueError as error:  # a date that no calendar has
        raise ApiError(400, "MALFORMED_QUERY", f"invalid value: {error}") from error
    query: tree.Query = parsed
    return replace(query, text=text)


def _malformed(text: str, error: UnexpectedInput) -> ApiError:
    line, column, found = error.line, error.column, "<EOF>"
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        found = str(error.token)
    elif isinstance(error, UnexpectedCharacters):
        found = error.char
    if found == "<EOF>":
        lines = text.split("\n")
        line, column = len(lines), len(lines[-1]) + 1
    message = f"unexpected token: '{found}'"
    return ApiError(400, "MALFORMED_QUERY", pointed(text, line, column, message))


def _path(token: Token) -> tree.Path:
    return tree.Path(tuple(str(token).split(".")), token.line or 1, token.column or 1)


def _function(name: Token, argument: Token | None, alias: str) -> tree.Function:
    inner = _path(argument) if argument is not None else None
    return tree.Function(str(name).upper(), inner, alias, _path(name))


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), token[1:-1])


def _count(token: Token) -> int:
    if not str(token).isdecimal():
        raise ValueError(f"{token} is not a whole number, 0 or more")
    return int(token)


def _names(children: list[Any]) -> list[Token]:
    return [child for child in children if isinstance(child, Token) and child.type == "NAME"]


def _paths(children: list[Any]) -> list[Token]:
    return [child for child in children if isinstance(child, Token) and child.type == "PATH"]


def _rest(children: list[Any]) -> list[Any]:
    return [child for child in children if not isinstance(child, Token)]


class _Builder(Transformer[Token, Any]):
    """One method for each rule of the grammar."""

    def field(self, children: list[Any]) -> tree.Column:
        alias = _names(children)
        return tree.Column(_path(children[0]), str(alias[0]) if alias else "")

    def count_all(self, children: list[Any]) -> tree.Function:
        alias = _names(children)
        return _function(children[0], None, str(alias[0]) if alias else "")

    def call(self, children: list[Any]) -> tree.Function:
        name, argument, *_ = _paths(children)
        alias = _names(children)
        return _function(name, argument, str(alias[0]) if alias else "")

    def subquery(self, children: list[Any]) -> tree.Query:
        query: tree.Query = children[0]
        return query

    def items(self, children: list[Any]) -> dict[str, Any]:
        return {"items": tuple(children)}

    def source(self, children: list[Any]) -> dict[str, Any]:
        alias = _names(children)
        return {"source": _path(children[0]), "alias": str(alias[0]) if alias else ""}

    def where(self, children: list[Any]) -> dict[str, Any]:
        return {"where": children[-1]}

    def group(self, children: list[Any]) -> dict[str, Any]:
        return {"group": tuple(_rest(children))}

    def having(self, children: list[Any]) -> dict[str, Any]:
        return {"having": children[-1]}

    def order(self, children: list[Any]) -> dict[str, Any]:
        return {"order": tuple(_rest(children))}

    def ordering(self, children: list[Any]) -> tree.Ordering:
        words = {str(child).upper() for child in children[1:]}
        return tree.Ordering(children[0], "DESC" in words, "LAST" in words)

    def limit(self, children: list[Any]) -> dict[str, Any]:
        return {"limit": _count(children[-1])}

    def offset(self, children: list[Any]) -> dict[str, Any]:
        return {"offset": _count(children[-1])}

    def suffix(self, children: list[Any]) -> dict[str, Any]:
        return {}

    def all_rows(self, children: list[Any]) -> dict[str, Any]:
        return {}

    def query(self, children: list[Any]) -> tree.Query:
        parts: dict[str, Any] = {}
        for part in _rest(children):
            parts |= part
        return tree.Query(**parts)

    def operand(self, children: list[Any]) -> tree.Path:
        return _path(children[0])

    def operand_call(self, children: list[Any]) -> tree.Function:
        return _function(children[0], children[1] if len(children) > 1 else None, "")

    def compare(self, children: list[Any]) -> tree.Compare:
        operand, operator, value = children
        return tree.Compare(operand, "!=" if operator == "<>" else str(operator), value)

    def like(self, children: list[Any]) -> tree.Like:
        return tree.Like(children[0], _unquoted(children[2]))

    def within(self, children: list[Any]) -> tree.Within:
        return tree.Within(children[0], children[-1], negated=False)

    def without(self, children: list[Any]) -> tree.Within:
        return tree.Within(children[0], children[-1], negated=True)

    def includes(self, children: list[Any]) -> tree.Includes:
        return tree.Includes(children[0], children[-1], negated=False)

    def excludes(self, children: list[Any]) -> tree.Includes:
        return tree.Includes(children[0], children[-1], negated=True)

    def strings(self, children: list[Any]) -> tuple[str, ...]:
        return tuple(_unquoted(child) for child in children)

    def values(self, children: list[Any]) -> tuple[tree.Scalar, ...]:
        return tuple(children)

    def semi_join(self, children: list[Any]) -> tree.Query:
        query: tree.Query = children[0]
        return query

    def all_of(self, children: list[Any]) -> tree.AllOf:
        return tree.AllOf(tuple(_rest(children)))

    def any_of(self, children: list[Any]) -> tree.AnyOf:
        return tree.AnyOf(tuple(_rest(children)))

    def negation(self, children: list[Any]) -> tree.Not:
        return tree.Not(children[-1])

    def text(self, children: list[Any]) -> str:
        return _unquoted(children[0])

    def datetime(self, children: list[Any]) -> datetime:
        return read_stamp(_ZONE_WITHOUT_COLON.sub(r"\1:\2", str(children[0])))

    def date(self, children: list[Any]) -> Any:
        return read_date(str(children[0]))

    def number(self, children: list[Any]) -> float:
        return float(children[0])

    def true(self, children: list[Any]) -> bool:
        return True

    def false(self, children: list[Any]) -> bool:
        return False

    def null(self, children: list[Any]) -> None:
        return None

    def date_literal(self, children: list[Any]) -> tree.DateLiteral:
        name, _, count = str(children[0]).partition(":")
        return tree.DateLiteral(name.upper(), int(count) if count else None)


_PARSER = Lark(GRAMMAR, start="query", parser="lalr", transformer=_Builder())
