"""Where finished packs rest: one sealed file each, under the tenant's key.

Files are sealed in segments; those that were sealed whole, before, stay readable.
"""

import os
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from apps.common.scope import current_tenant_id
from apps.custody import sealing
from apps.evidence import segments

PURPOSE = "evidence.packs"


def keep(pack_id: UUID, pdf: bytes) -> None:
    """Write the sealed file, whole or not at all."""
    keep_from(pack_id, BytesIO(pdf))


def keep_from(pack_id: UUID, source: BinaryIO) -> None:
    """`keep` from an open file, in constant memory."""
    path = _path(pack_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        segments.seal_segments(
            source,
            file,
            seal_key=lambda key: sealing.seal_value(key, purpose=PURPOSE, place=_place(pack_id)),
            place=_place(pack_id),
        )
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def fetch(pack_id: UUID) -> bytes:
    """The PDF again. Raises `CannotOpen` when the file was changed, `FileNotFoundError` if gone."""
    found = reader(pack_id)
    return b"".join(found.read(0, found.size)) if found else _whole(pack_id)


def reader(pack_id: UUID) -> segments.SealedFile | None:
    """The file open for reading any part of it; None for one that was sealed whole.

    Needs the tenant in scope now; reading afterwards needs neither scope nor database. Whoever
    gets it reads it, which closes the file. Raises as `fetch` does.
    """
    file = _path(pack_id).open("rb")
    try:
        if segments.is_segmented(file):
            return segments.open_segments(
                file,
                open_key=lambda key: sealing.open_value(
                    key, purpose=PURPOSE, place=_place(pack_id)
                ),
                place=_place(pack_id),
            )
    except BaseException:
        file.close()
        raise
    file.close()
    return None


def _whole(pack_id: UUID) -> bytes:
    return sealing.open_value(_path(pack_id).read_bytes(), purpose=PURPOSE, place=str(pack_id))


def _place(pack_id: UUID) -> str:
    return f"{pack_id}/segments"


def _path(pack_id: UUID) -> Path:
    return Path(settings.VAR) / "sealed-packs" / str(current_tenant_id()) / f"{pack_id}.sealed"
