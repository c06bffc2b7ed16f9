"""The kinds of findings, in words, each with the control of the catalogue that it speaks for."""

from dataclasses import dataclass

from apps.posture.scan.rules import RULES


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of deviation it is."""

    code: str
    words: str
    control: str


_KINDS: dict[str, Kind] = {
    f"scan.{rule.id}": Kind(f"scan.{rule.id}", rule.title, rule.control) for rule in RULES.values()
}


def register_kinds(*kinds: Kind) -> None:
    """Declare kinds; a code is declared once."""
    for kind in kinds:
        if kind.code in _KINDS:
            raise ValueError(f"the kind of finding {kind.code!r} is declared twice")
        _KINDS[kind.code] = kind


def kind_of(code: str) -> Kind:
    """The declared kind; `KeyError` for one that nobody declared."""
    return _KINDS[code]


def all_kinds() -> dict[str, Kind]:
    """Every kind by its code."""
    return dict(_KINDS)
