"""Where finished packs rest: one sealed file each, under the tenant's key."""

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

from apps.common.scope import current_tenant_id
from apps.custody import sealing

PURPOSE = "evidence.packs"


def keep(pack_id: UUID, pdf: bytes) -> None:
    """Write the sealed file, whole or not at all."""
    path = _path(pack_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(sealing.seal_value(pdf, purpose=PURPOSE, place=str(pack_id)))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def fetch(pack_id: UUID) -> bytes:
    """The PDF again. Raises `CannotOpen` when the file was changed, `FileNotFoundError` if gone."""
    return sealing.open_value(_path(pack_id).read_bytes(), purpose=PURPOSE, place=str(pack_id))


def _path(pack_id: UUID) -> Path:
    return Path(settings.VAR) / "sealed-packs" / str(current_tenant_id()) / f"{pack_id}.sealed"
