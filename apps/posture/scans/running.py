"""Running a scan in the background. A worker that dies leaves nothing half done: it starts anew."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

from apps.common.clock import database_now
from apps.common.errors import Conflict, DomainError
from apps.common.jobs import enqueue
from apps.common.keyring import CannotOpen
from apps.common.scope import scoped
from apps.crm.session import open_org
from apps.ledger import services as ledger
from apps.posture.findings.reporting import LOOKOUT
from apps.posture.models import Scan
from apps.posture.scan.findings import Report
from apps.posture.scan.run import CannotRead, scan_files
from apps.posture.scan.sources import SourceFile, read_zip
from apps.posture.scans import outcome, uploads
from apps.posture.scans.org.files import org_files

STALLED_AFTER = timedelta(minutes=2)  # progress is kept every few seconds
MOST_ATTEMPTS = 3
TELL_EVERY_S = 2.0


class LostClaim(Conflict):
    """The scan was cancelled, or another worker took it over; what this one saw is dropped."""

    code = "scan_taken_over"


def run_scan(*, tenant_id: UUID, scan_id: UUID) -> None:
    """Scan and keep the outcome. Does nothing when another worker is at it.

    Call it with no scope open: scanning takes a while, and no transaction waits for it.
    """
    with scoped(tenant_id=tenant_id):
        scan = _claim(scan_id)
    if scan is None:
        return
    with suppress(LostClaim):
        try:
            report = _look(tenant_id, scan, _files(tenant_id, scan))
        except (CannotRead, CannotOpen, FileNotFoundError, DomainError) as failure:
            if isinstance(failure, LostClaim):
                raise
            with scoped(tenant_id=tenant_id):
                _save_failure(_mine(scan), _words_of(failure))
            return
        with scoped(tenant_id=tenant_id):
            outcome.finish(_mine(scan), report, now=database_now())


def requeue_stalled(*, now: datetime) -> int:
    """Send scans of the open tenant again whose worker went silent; give up after a few."""
    stalled = Scan.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state__in=Scan.UNDER_WAY, touched_at__lt=now - STALLED_AFTER
    )
    sent = 0
    for scan in stalled:
        if scan.attempts >= MOST_ATTEMPTS:
            _save_failure(scan, "The worker that scanned this was lost three times.")
            continue
        scan.state, scan.touched_at = Scan.State.QUEUED, now
        scan.save(update_fields=["state", "touched_at"])
        enqueue("posture.run_scan", scan_id=scan.pk)
        sent += 1
    return sent


def _files(tenant_id: UUID, scan: Scan) -> Iterator[SourceFile]:
    if scan.connection_id is not None and scan.origin == Scan.Origin.ORG:
        with open_org(tenant_id=tenant_id, connection_id=scan.connection_id) as org:
            yield from org_files(org)
        return
    with scoped(tenant_id=tenant_id):
        data = uploads.take(scan.pk)
    yield from read_zip(BytesIO(data))


def _look(tenant_id: UUID, scan: Scan, files: Iterable[SourceFile]) -> Report:
    def watched() -> Iterator[SourceFile]:
        told = time.monotonic()
        for number, file in enumerate(files):
            if time.monotonic() - told > TELL_EVERY_S:
                with scoped(tenant_id=tenant_id):
                    _keep_progress(scan, number)
                told = time.monotonic()
            yield file

    return scan_files(watched(), gateways=scan.gateways)


def _claim(scan_id: UUID) -> Scan | None:
    scan: Scan | None = (
        Scan.objects.select_for_update(of=("self",))
        .filter(pk=scan_id, state=Scan.State.QUEUED)
        .first()
    )
    if scan is None:
        return None
    scan.state, scan.touched_at, scan.entries_done = Scan.State.RUNNING, database_now(), 0
    scan.attempts += 1
    scan.save(update_fields=["state", "touched_at", "attempts", "entries_done"])
    return scan


def _mine(claimed: Scan) -> Scan:
    scan: Scan = Scan.objects.select_for_update(of=("self",)).get(pk=claimed.pk)
    if scan.state != Scan.State.RUNNING or scan.attempts != claimed.attempts:
        raise LostClaim("This scan was cancelled or taken over.")
    return scan


def _keep_progress(claimed: Scan, done: int) -> None:
    scan = _mine(claimed)
    scan.entries_done, scan.touched_at = done, database_now()
    scan.save(update_fields=["entries_done", "touched_at"])


def _save_failure(scan: Scan, words: str) -> None:
    scan.state, scan.error = Scan.State.FAILED, words[:400]
    scan.finished_at = scan.touched_at = database_now()
    scan.save(update_fields=["state", "error", "finished_at", "touched_at"])
    ledger.record(
        actor=LOOKOUT,
        action="posture.scan.failed",
        target=scan,
        at=scan.finished_at,
        data={"attempts": scan.attempts},
    )
    uploads.forget_on_commit(scan.pk)


def _words_of(failure: Exception) -> str:
    if isinstance(failure, DomainError):
        return failure.message
    if isinstance(failure, CannotRead):
        return str(failure)
    return "The uploaded file is gone or cannot be opened. Upload it again."
