"""Every check that a change may fail has words for the ledger's pages."""

import ast
from pathlib import Path

from apps import changes
from apps.ledger.registry import words_of_code

NAMED = ("Check", "Probe")


def _names() -> set[str]:
    found = set()
    for path in Path(changes.__file__ or "").parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in NAMED and node.args:
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    found.add(str(name.value))
    return found


def test_every_check_has_words() -> None:
    names = _names() | {"decides-as-shown"}
    assert len(names) > 10
    assert [name for name in sorted(names) if not words_of_code(name)] == []
