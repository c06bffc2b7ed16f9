"""The catalogue as loaded data: controls, and the requirements of laws and standards they serve.

`controls.toml` and `frameworks.toml` are read once. A mapping to a requirement that
`frameworks.toml` does not know is a fault that shows when the catalogue is loaded.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Requirement:
    """One article, measure, subcategory or Annex A control, e.g. `gdpr` `32(1)(b)`."""

    framework: str
    framework_name: str
    number: str
    label: str
    title: str

    @property
    def key(self) -> str:
        """What names it in addresses and files."""
        return f"{self.framework}:{self.number}"


@dataclass(frozen=True, slots=True)
class Framework:
    """A law or standard with those of its requirements that some control serves."""

    code: str
    name: str
    full_name: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that the console answers for."""

    id: str
    area: str
    area_title: str
    title: str
    statement: str
    requirements: tuple[Requirement, ...]


@cache
def frameworks() -> dict[str, Framework]:
    """Every framework by its code, in the order of the file."""
    return {code: _framework(code, table) for code, table in _read("frameworks.toml").items()}


@cache
def controls() -> dict[str, Control]:
    """Every control by its id, in the order of the file. Raises `ValueError` on a bad mapping."""
    found: dict[str, Control] = {}
    for area in _read("controls.toml")["area"]:
        for control_id, row in area["controls"].items():
            title, statement, mapped = row
            found[control_id] = Control(
                id=control_id,
                area=area["id"],
                area_title=area["title"],
                title=title,
                statement=statement,
                requirements=_mapped(control_id, mapped),
            )
    return found


def get_requirement(key: str) -> Requirement | None:
    """The requirement of a key such as `gdpr:30`; None for one that no control serves."""
    code, _, number = key.partition(":")
    framework = frameworks().get(code)
    rows = framework.requirements if framework else ()
    return next((row for row in rows if row.number == number), None)


def controls_serving(requirement: Requirement) -> list[Control]:
    """Controls that help to meet a requirement."""
    return [control for control in controls().values() if requirement in control.requirements]


def _framework(code: str, table: dict[str, Any]) -> Framework:
    rows = tuple(
        Requirement(code, table["name"], number, f"{table['prefix']}{number}", title)
        for number, title in table["requirements"].items()
    )
    return Framework(code, table["name"], table["full_name"], rows)


def _mapped(control_id: str, mapped: str) -> tuple[Requirement, ...]:
    """`"gdpr 5(2) 30; iso A.5.15"` as requirements."""
    found = []
    for part in mapped.split(";"):
        code, *numbers = part.split()
        for number in numbers:
            requirement = get_requirement(f"{code}:{number}")
            if requirement is None:
                raise ValueError(f"{control_id} is mapped to {code} {number}, which nobody titled")
            found.append(requirement)
    return tuple(found)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))
