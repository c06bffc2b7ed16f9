"""Kept log files that are not as they were taken become findings."""

from datetime import datetime

from apps.crm.models import Connection, LogFile
from apps.posture.findings.kinds import Kind, register_kinds
from apps.posture.findings.reporting import report_finding
from apps.posture.models import Finding

ALTERED = "reconcile.altered-log"
FIX = (
    "Find out who changed the database, and compare with a copy of the file from the org. Until"
    " then do not rely on what this file shows."
)

register_kinds(Kind(ALTERED, "A kept log file is not as it was taken", "MON-3"))


def report_altered(*, now: datetime) -> int:
    """Report files whose check found a difference and that nobody reported yet; how many."""
    files = LogFile.objects.filter(altered_at__isnull=False, dropped_at=None)
    orgs = {org.pk: org for org in Connection.objects.filter(log_files__in=files).distinct()}
    done = 0
    for file in files.order_by("starts_at", "id"):
        org = orgs[file.connection_id]
        known = Finding.objects.filter(connection=org, kind=ALTERED, subject=str(file.pk)).first()
        if known is not None and file.checked_at and known.last_seen_at >= file.checked_at:
            continue
        _report(org, file)
        done += 1
    return done


def _report(org: Connection, file: LogFile) -> None:
    report_finding(
        kind=ALTERED,
        connection=org,
        subject=str(file.pk),
        title=f"The kept log file {file} is not as it was taken",
        level=Finding.Level.ERROR,
        fix=FIX,
        source=Finding.Source.RECONCILE,
        now=file.checked_at or file.taken_at,
        detail={"file": file.org_file_id, "sha256_when_taken": file.sha256},
        window=(file.starts_at, file.ends_at),
    )
