"""Exporting a tenant's log: at the command line at once, from the page as a job."""

import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.common.actors import Actor, ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.jobs import enqueue
from apps.common.scope import current_tenant_id
from apps.ledger import services, signing, verifications
from apps.ledger.export.database import content_of, newest_checkpoint
from apps.ledger.export.writing import write
from apps.ledger.models import Checkpoint, LogExport

SHOWN = 20
ROOM = "ledger-exports"  # below BAILIWICK_VAR, which every web and worker process shares


def export_to(place: Path, *, actor: Actor, operator: str, first: int = 0) -> LogExport:
    """Write the open tenant's log to the directory `place`, and record who took it.

    `operator` is who stands at the keyboard, as an account of the machine or a staff number.
    Raises `Invalid` for a place that exists and a start beyond the end, `Conflict` when nothing is
    signed yet.
    """
    newest, operator = newest_checkpoint(), _operator(operator)
    row = LogExport.objects.create(
        actor=actor.actor_ref,
        asked_at=database_now(),
        first=_first(first, newest),
        size=newest.size,
        state=LogExport.State.WRITING,
    )
    finish(row, place, newest)
    _remember(actor, "ledger.log.exported", row, operator=operator)
    return row


@transaction.atomic
def request_export(*, actor: Actor, now: datetime) -> LogExport:
    """Have the open tenant's log written by a worker, to be downloaded."""
    newest = newest_checkpoint()
    if LogExport.objects.filter(state__in=("queued", "writing")).exists():
        raise Conflict("An export is being written already. Wait until it is ready.")
    row = LogExport.objects.create(
        actor=actor.actor_ref, asked_at=now, size=newest.size, state=LogExport.State.QUEUED
    )
    _remember(actor, "ledger.log.exported", row)
    enqueue("ledger.write_export", export_id=row.pk)
    return row


def finish(
    row: LogExport, place: Path, newest: Checkpoint, *, say: Callable[[int], None] | None = None
) -> None:
    """Write the files to `place` and the row's outcome; `say` hears how many events are written."""
    keys = signing.checkpoint_keys()
    first = max(row.first, verifications.pruned_below())
    content = content_of(newest, keys=keys, first=first)
    digest = write(place, content, keys=keys.active(database_now()), say=say)
    row.move_to(
        LogExport.State.READY,
        first=first,
        done=newest.size,
        sha256=digest,
        finished_at=database_now(),
    )


def directory_of(tenant_id: UUID, export_id: UUID) -> Path:
    """Where a worker writes an export for the page."""
    return Path(settings.VAR) / ROOM / str(tenant_id) / str(export_id)


def get_export(*, export_id: UUID) -> LogExport:
    """One export of the open tenant, or `NotFound`."""
    found = LogExport.objects.filter(pk=export_id).first()
    if found is None:
        raise NotFound("There is no such export here.")
    return found


def list_exports() -> list[LogExport]:
    """The newest exports of the open tenant."""
    return list(LogExport.objects.order_by("-asked_at")[:SHOWN])


def download(*, actor: Actor, export_id: UUID, into: IO[bytes]) -> LogExport:
    """Pack a written export as .tar.gz into a file, and record who took it."""
    row = get_export(export_id=export_id)
    place = directory_of(current_tenant_id(), row.pk)
    if row.state != LogExport.State.READY or not place.is_dir():
        raise Conflict("This export is not there to be downloaded. Ask for a new one.")
    with tarfile.open(fileobj=into, mode="w:gz", compresslevel=6) as archive:
        archive.add(place, arcname=f"ledger-{row.pk}")
    _remember(actor, "ledger.log.downloaded", row)
    return row


def _remember(actor: Actor, action: str, row: LogExport, *, operator: str = "") -> None:
    data: dict[str, str | int] = {"size": row.size, "first": row.first, "sha256": row.sha256}
    if operator:
        data["operator"] = operator
    services.record(actor=actor, action=action, target=row, at=database_now(), data=data)


def _first(first: int, newest: Checkpoint) -> int:
    if not 0 <= first <= newest.size:
        words = f"The log has {newest.size:,} entries. Start at one of them."
        raise Invalid(words, field="since_size")
    return first


def _operator(operator: str) -> str:
    operator = operator.strip()
    if not operator or len(operator) > 40 or not operator.isprintable():
        raise Invalid("Say who you are: an account or staff number.", field="operator")
    return operator


COMMAND = ServiceActor("command-line")
