"""Taking a report away as SARIF."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.common.actors import Actor
from apps.common.errors import Conflict
from apps.ledger import services as ledger
from apps.posture.models import Scan, ScanFinding
from apps.posture.scan.command import VERSION
from apps.posture.scan.sarif import to_sarif
from apps.posture.scans import policies, selectors
from apps.posture.scans.report import report_from


@transaction.atomic
def export_scan(*, actor: Actor, scan_id: UUID, now: datetime) -> tuple[str, str]:
    """File name and SARIF text of a finished scan. Raises `Denied`, `NotFound`, `Conflict`."""
    policies.may_export(actor).require()
    scan = selectors.get_scan_for(actor=actor, scan_id=scan_id)
    if scan.state not in Scan.FINISHED:
        raise Conflict("This scan has no report.")
    found = ScanFinding.objects.filter(scan=scan).order_by("path", "line", "column", "rule", "key")
    text = to_sarif(report_from(scan, found), version=VERSION)
    ledger.record(actor=actor, action="posture.scan.exported", target=scan, at=now)
    return f"scan-{scan.asked_at:%Y-%m-%d}-{str(scan.pk)[:8]}.sarif", text
