"""Asking for a scan, and calling one off."""

import hashlib
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.common.errors import Conflict, Invalid
from apps.common.jobs import enqueue
from apps.crm import selectors as crm
from apps.crm.models import Connection
from apps.ledger import services as ledger
from apps.posture.models import Scan
from apps.posture.scans import archives, policies, selectors, uploads

NAME_LENGTH = 120
UNDER_WAY = "A scan of this is under way already. Its page shows how far it is."


@transaction.atomic
def scan_upload(
    *,
    actor: User,
    name: str,
    data: bytes,
    connection_id: UUID | None,
    covers_all: bool,
    now: datetime,
) -> Scan:
    """Keep a zip of metadata sealed and scan it in the background.

    `covers_all` says that it holds all metadata of the org, so that what it no longer shows counts
    as gone. Raises `Invalid` for a zip that is refused, `Denied`, `NotFound`, `Conflict`.
    """
    connection = _connection(actor, connection_id)
    policies.may_scan(actor, connection).require()
    if len(data) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        raise too_large()
    entries = archives.check_archive(data)
    _require_none_under_way(connection)
    scan: Scan = Scan.objects.create(
        connection=connection,
        origin=Scan.Origin.UPLOAD,
        name=_shown(name),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        covers_all=covers_all,
        entries=entries,
        gateways=selectors.list_gateways(),
        asked_by=actor,
        asked_at=now,
        touched_at=now,
    )
    _begin(actor, scan, now)
    uploads.keep(scan.pk, data)  # last: no file stays behind when the rest is rolled back
    return scan


@transaction.atomic
def scan_org(*, actor: User, connection_id: UUID, now: datetime) -> Scan:
    """Read an org's metadata by the Tooling API and scan it in the background.

    What the org does not tell stays unknown, and the report names it. Raises `Denied`,
    `NotFound`, `Conflict`.
    """
    connection = crm.lock_connection_for(actor=actor, connection_id=connection_id)
    policies.may_scan(actor, connection).require()
    if connection.state == Connection.State.DISCONNECTED:
        raise Conflict("This org was disconnected. Connect it again first.")
    _require_none_under_way(connection)
    scan: Scan = Scan.objects.create(
        connection=connection,
        origin=Scan.Origin.ORG,
        name=connection.name,
        gateways=selectors.list_gateways(),
        asked_by=actor,
        asked_at=now,
        touched_at=now,
    )
    _begin(actor, scan, now)
    return scan


@transaction.atomic
def cancel_scan(*, actor: User, scan_id: UUID, now: datetime) -> Scan:
    """Call a scan off; nothing of it is kept. Raises `NotFound`, `Denied`, `Conflict`."""
    found = selectors.get_scan_for(actor=actor, scan_id=scan_id)
    policies.may_scan(actor, found.connection).require()
    scan: Scan = Scan.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if scan.is_final:
        raise Conflict("This scan is over already.")
    scan.state, scan.finished_at = Scan.State.CANCELLED, now
    scan.save(update_fields=["state", "finished_at"])
    ledger.record(actor=actor, action="posture.scan.cancelled", target=scan, at=now)
    uploads.forget_on_commit(scan.pk)
    return scan


def limit_mb() -> int:
    """The largest upload, in MiB."""
    return int(settings.FILE_UPLOAD_MAX_MEMORY_SIZE // 2**20)


def too_large() -> Invalid:
    """The refusal of a file that is over the limit."""
    return Invalid(
        f"The file is larger than {limit_mb()} MiB. Scan it in parts.",
        field=archives.FIELD,
    )


def _begin(actor: User, scan: Scan, now: datetime) -> None:
    ledger.record(
        actor=actor,
        action="posture.scan.requested",
        target=scan,
        at=now,
        data={
            "connection": str(scan.connection_id) if scan.connection_id else None,
            "origin": scan.origin,
            "sha256": scan.sha256,
            "covers_all": scan.covers_all,
        },
    )
    enqueue("posture.run_scan", scan_id=scan.pk)


def _connection(actor: User, connection_id: UUID | None) -> Connection | None:
    if connection_id is None:
        return None
    return crm.lock_connection_for(actor=actor, connection_id=connection_id)


def _require_none_under_way(connection: Connection | None) -> None:
    if Scan.objects.filter(connection=connection, state__in=Scan.UNDER_WAY).exists():
        raise Conflict(UNDER_WAY)


def _shown(name: str) -> str:
    """The file's own name, without control characters."""
    plain = "".join(char for char in PurePosixPath(name).name if char.isprintable()).strip()
    return plain[:NAME_LENGTH] or "metadata.zip"
