"""Read what the bench measured and lay it out for a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HEAD = ("area", "name", "value", "unit", "peer", "ratio")


def table(results: Path) -> str:
    """The measurements in `results` as aligned columns; says so when there are none."""
    if not results.exists():
        return "No measurement was recorded."
    rows = [[_cell(row.get(name)) for name in HEAD] for row in json.loads(results.read_text())]
    lines = [list(HEAD), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
