"""An uploaded zip while it waits: sealed under the tenant's key, gone once the scan is over."""

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.common.scope import current_tenant_id
from apps.custody import sealing

PURPOSE = "posture.uploads"


def keep(scan_id: UUID, data: bytes) -> None:
    """Keep the zip, whole or not at all."""
    path = _path(scan_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(sealing.seal_value(data, purpose=PURPOSE, place=str(scan_id)))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def take(scan_id: UUID) -> bytes:
    """The zip in the clear. Raises `FileNotFoundError`, and what opening a sealed value raises."""
    return sealing.open_value(_path(scan_id).read_bytes(), purpose=PURPOSE, place=str(scan_id))


def forget(scan_id: UUID) -> None:
    """Remove it, if it is there."""
    _path(scan_id).unlink(missing_ok=True)


def forget_on_commit(scan_id: UUID) -> None:
    """Remove it once the open transaction commits; its scope is closed by then."""
    path = _path(scan_id)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def is_kept(scan_id: UUID) -> bool:
    """Whether it still waits."""
    return _path(scan_id).exists()


def _path(scan_id: UUID) -> Path:
    return Path(settings.VAR) / "scan-uploads" / str(current_tenant_id()) / f"{scan_id}.sealed"
