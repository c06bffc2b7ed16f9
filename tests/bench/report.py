"""Where a measurement goes: `record("gateway", "added latency p50", 1.9, "ms")`."""

import json
import os
from pathlib import Path


def record(
    area: str,
    name: str,
    value: float,
    unit: str,
    *,
    peer: str | None = None,
    ratio: float | None = None,
) -> None:
    """Add one measured number to var/bench.json, replacing an older one of the same name.

    `peer` names what it was measured against, `ratio` is ours divided by the peer's. Outside
    `make bench` nothing is kept: a number without the bench's conditions means nothing.
    """
    place = os.environ.get("BAILIWICK_BENCH")
    if not place:
        return
    path = Path(place)
    rows = json.loads(path.read_text()) if path.exists() else []
    rows = [row for row in rows if (row["area"], row["name"]) != (area, name)]
    rows.append(
        {"area": area, "name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio}
    )
    path.write_text(json.dumps(rows, indent=1) + "\n")
