"""Taking a report away as SARIF, against a fresh code."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.common.errors import Conflict
from apps.ledger import services as ledger
from apps.posture.models import Scan, ScanFinding
from apps.posture.scan.command import VERSION
from apps.posture.scan.sarif import to_sarif
from apps.posture.scans import policies, selectors
from apps.posture.scans.report import report_from

DECISION = "posture.export_scan"


@transaction.atomic
def export_scan(*, actor: User, scan_id: UUID, code: str, now: datetime) -> tuple[str, str]:
    """File name and SARIF text of a finished scan; `code` is spent on this one download.

    Raises `Denied`, `NotFound`, `Conflict`, `WrongCode`, `FactorRefused`.
    """
    scan = get_exportable(actor=actor, scan_id=scan_id)
    about = hashlib.sha256(scan.pk.bytes).hexdigest()
    factor = accounts.prove(user=actor, code=code, decision=DECISION, subject=about, now=now)
    accounts.spend_factor(factor=factor, user=actor, decision=DECISION, subject=about, now=now)
    found = ScanFinding.objects.filter(scan=scan).order_by("path", "line", "column", "rule", "key")
    text = to_sarif(report_from(scan, found), version=VERSION)
    ledger.record(actor=actor, action="posture.scan.exported", target=scan, at=now)
    return f"scan-{scan.asked_at:%Y-%m-%d}-{str(scan.pk)[:8]}.sarif", text


def get_exportable(*, actor: User, scan_id: UUID) -> Scan:
    """A scan that this person may take away. Raises `Denied`, `NotFound`, `Conflict`."""
    policies.may_export(actor).require()
    scan = selectors.get_scan_for(actor=actor, scan_id=scan_id)
    if scan.state not in Scan.FINISHED:
        raise Conflict("This scan has no report.")
    return scan
