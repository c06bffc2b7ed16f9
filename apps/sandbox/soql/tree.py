"""A parsed query."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Path:
    """A dotted name as written, with where it stands (both from 1)."""

    names: tuple[str, ...]
    line: int
    column: int

    @property
    def text(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True)
class Function:
    """COUNT(), COUNT(field), MAX(field), FIELDS(ALL) and the like."""

    name: str
    argument: Path | None
    alias: str
    at: Path


@dataclass(frozen=True)
class Column:
    """A field of the select list."""

    path: Path
    alias: str


@dataclass(frozen=True)
class DateLiteral:
    """TODAY, LAST_N_DAYS:7; `count` is the number after the colon."""

    name: str
    count: int | None


Scalar = str | float | bool | None | date | datetime | DateLiteral


@dataclass(frozen=True)
class Compare:
    operand: "Path | Function"
    operator: str
    value: Scalar


@dataclass(frozen=True)
class Like:
    operand: "Path | Function"
    pattern: str


@dataclass(frozen=True)
class Within:
    operand: "Path | Function"
    values: "tuple[Scalar, ...] | Query"
    negated: bool


@dataclass(frozen=True)
class Includes:
    operand: "Path | Function"
    choices: tuple[str, ...]
    negated: bool


@dataclass(frozen=True)
class Not:
    condition: "Condition"


@dataclass(frozen=True)
class AllOf:
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True)
class AnyOf:
    conditions: "tuple[Condition, ...]"


Condition = Compare | Like | Within | Includes | Not | AllOf | AnyOf


@dataclass(frozen=True)
class Ordering:
    operand: Path | Function
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """One SELECT; `text` is what was sent, for error messages."""

    items: "tuple[Column | Function | Query, ...]"
    source: Path
    alias: str
    where: Condition | None = None
    group: tuple[Path | Function, ...] = ()
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
    text: str = ""
