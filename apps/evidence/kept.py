"""What a pack under way has come to, kept sealed so that a killed worker's work is not lost.

One small file per step under the tenant's key; all of them go when the pack is done or given up.
"""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from django.conf import settings

from apps.common.keyring import CannotOpen
from apps.common.scope import current_tenant_id
from apps.custody import sealing
from apps.evidence.pack.content import Bar, Chart, Checked, Finding, Section, Table

PURPOSE = "evidence.packs"


def keep(pack_id: UUID, step: str, data: bytes) -> None:
    """Keep what a step came to, whole or not at all."""
    path = _folder(pack_id) / f"{step}.sealed"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(sealing.seal_value(data, purpose=PURPOSE, place=f"{pack_id}/{step}"))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def find(pack_id: UUID, step: str) -> bytes | None:
    """What a step came to before; None when it has to be done, also when it cannot be opened."""
    try:
        sealed = (_folder(pack_id) / f"{step}.sealed").read_bytes()
        return sealing.open_value(sealed, purpose=PURPOSE, place=f"{pack_id}/{step}")
    except (FileNotFoundError, CannotOpen):
        return None


def forget(pack_id: UUID) -> None:
    """Remove everything kept for a pack."""
    shutil.rmtree(_folder(pack_id), ignore_errors=True)


def section_bytes(section: Section) -> bytes:
    """A section as JSON."""
    return json.dumps(asdict(section)).encode()


def read_section(data: bytes) -> Section:
    """The section again, checked anew as it is built."""
    told = json.loads(data)
    return Section(
        heading=told["heading"],
        summary=told["summary"],
        result=told["result"],
        exceptions=tuple(Finding(**each) for each in told["exceptions"]),
        checked=tuple(Checked(**each) for each in told["checked"]),
        tables=tuple(
            Table(
                caption=each["caption"],
                columns=tuple(each["columns"]),
                rows=tuple(tuple(row) for row in each["rows"]),
            )
            for each in told["tables"]
        ),
        charts=tuple(
            Chart(
                caption=each["caption"],
                bars=tuple(Bar(**bar) for bar in each["bars"]),
                upright=each["upright"],
            )
            for each in told["charts"]
        ),
    )


def _folder(pack_id: UUID) -> Path:
    return Path(settings.VAR) / "sealed-packs" / str(current_tenant_id()) / f"{pack_id}.steps"
